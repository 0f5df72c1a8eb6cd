import GraphIR
import Operators

/// Replaces a normalisation over the last axis that is spelled out by LayerNormalization.
///
///     before: x -+-> ReduceMean -> Sub -+-> Pow(2) -> ReduceMean -> Add(eps) -> Sqrt -> Div -> d
///                \----------------/     \----------------------------------------------/
///             d -> Mul(w) -> Add(b) -> y
///     after:  x -> LayerNormalization(w, b) -> y
///
/// Exporters spell it out below opset 17, which introduced the operator.
///
/// Conditions:
/// 1. Both ReduceMean are over the last axis of x and keep it; x holds floats, since the operator computes in
///    float32.
/// 2. eps and the exponent are one number each, of no higher rank than x. w and b are constant vectors as
///    long as the last axis, whose extent is known. The Add of b is optional.
/// 3. Only the pattern reads the values between x and y.
/// 4. The opset is 17 or later, or the pass may raise it.
///
/// Formula: y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * w + b.
public struct FuseLayerNormalization: Pass {
    public let name = "fuse-layer-normalization"
    public let summary = "Normalisation over the last axis, spelled out, becomes LayerNormalization."

    private let raisesOpset: Bool

    /// - Parameter raisesOpset: whether to raise a graph below opset 17 that contains the pattern.
    public init(raisesOpset: Bool = false) { self.raisesOpset = raisesOpset }

    /// The opset that introduced the operator.
    private static let opset = 17

    public func run(_ graph: Graph) throws -> Graph? {
        guard raisesOpset || graph.opsets.onnx >= Self.opset,
            graph.nodes.contains(where: { match($0, in: graph) != nil }),
            case .success(let raised)? = try? OpsetUpgrade.raise(graph, to: Self.opset)
        else { return nil }
        var edit = GraphEdit(raised)
        // From the end: without the Add, the part up to the Mul is a pattern too.
        for id in raised.order.reversed() where edit.graph.contains(id) {
            guard let match = match(edit.graph[id], in: edit.graph) else { continue }
            try fuse(edit.graph[id], match, &edit)
        }
        return edit.hasChanges ? try edit.commit() : nil
    }

    private func fuse(_ last: Node, _ match: Match, _ edit: inout GraphEdit) throws {
        let inputs = [match.input, match.scale] + [match.bias].compactMap { $0 }
        edit.setOperator(last.id, "LayerNormalization")
        for (position, input) in inputs.enumerated() { edit.setInput(last.id, position, input) }
        edit.setAttribute(last.id, "axis", .int(-1))
        edit.setAttribute(last.id, "epsilon", .float(match.epsilon))
        for node in match.inner { try edit.removeNode(node) }
    }

    private struct Match {
        let input: ValueID
        let scale: ValueID
        let bias: ValueID?
        let epsilon: Float
        /// All nodes but the last one, readers first.
        let inner: [NodeID]
    }

    private func match(_ last: Node, in graph: Graph) -> Match? {
        guard last.isOperator("Add"), let (scaled, bias) = operands(of: last, in: graph),
            let product = graph.producer(of: scaled), graph.soleConsumer(of: scaled)?.id == last.id
        else { return match(product: last, bias: nil, in: graph) }
        return match(product: product, bias: bias, in: graph)
    }

    private func match(product: Node, bias: ValueID?, in graph: Graph) -> Match? {
        func producer(_ value: ValueID?, of type: String) -> Node? {
            guard let value, let node = graph.producer(of: value), node.isOperator(type) else { return nil }
            return node
        }
        func inner(_ value: ValueID?, of type: String) -> Node? {
            guard let value, graph.soleConsumer(of: value) != nil else { return nil }
            return producer(value, of: type)
        }
        guard product.isOperator("Mul"), let (normal, scale) = operands(of: product, in: graph),
            let quotient = inner(normal, of: "Div"), let centred = quotient.input(0),
            let root = inner(quotient.input(1), of: "Sqrt"), let sum = inner(root.input(0), of: "Add"),
            let (variance, epsilon) = operands(of: sum, in: graph),
            let mean = inner(variance, of: "ReduceMean"), let square = inner(mean.input(0), of: "Pow"),
            square.input(0) == centred, let difference = producer(centred, of: "Sub"),
            let input = difference.input(0),
            let centre = inner(difference.input(1), of: "ReduceMean"), centre.input(0) == input,
            isMeanOfRows(mean, in: graph), isMeanOfRows(centre, in: graph),
            readers(of: centred, in: graph) == [quotient.id, square.id],
            graph[input].tensorType?.elementType == .float32,
            let rank = graph[input].shape?.rank, let extent = graph[input].shape?.dims.last?.value,
            let epsilon = number(epsilon, ofRank: rank, in: graph),
            number(square.input(1), ofRank: rank, in: graph) == 2,
            [scale, bias].allSatisfy({ $0 == nil || graph.constant($0)?.shape == [extent] })
        else { return nil }
        let nodes = [quotient, root, sum, mean, square, difference, centre].map(\.id)
        return Match(
            input: input, scale: scale, bias: bias, epsilon: epsilon,
            inner: (bias == nil ? [] : [product.id]) + nodes)
    }

    /// The computed operand and the constant one of a sum or product.
    private func operands(of node: Node, in graph: Graph) -> (ValueID, ValueID)? {
        guard let a = node.input(0), let b = node.input(1) else { return nil }
        if graph[a].constant == nil, graph[b].constant != nil { return (a, b) }
        return graph[a].constant != nil && graph[b].constant == nil ? (b, a) : nil
    }

    /// A constant of one element that does not raise the rank of the operand it is broadcast with.
    private func number(_ value: ValueID?, ofRank rank: Int, in graph: Graph) -> Float? {
        guard let tensor = graph.constant(value), tensor.elementCount == 1, tensor.rank <= rank else {
            return nil
        }
        return tensor.floats?.first ?? tensor.integers?.first.map { Float($0) }
    }

    /// Whether a ReduceMean is over the last axis alone, and keeps it.
    private func isMeanOfRows(_ node: Node, in graph: Graph) -> Bool {
        guard let rank = node.input(0).flatMap({ graph[$0].shape?.rank }) else { return false }
        let context = OperatorContext(graph: graph, node: node)
        guard (try? context.int("keepdims", default: 1)) == 1 else { return false }
        let axes: [Int]
        if case .ints(let values)? = node.attributes["axes"] {
            axes = values.map { Int(clamping: $0) }
        } else {
            axes = graph.constant(node.input(1))?.integers ?? []
        }
        return axes == [-1] || axes == [rank - 1]
    }

    /// The nodes that read a value; nil if it leaves the graph, or a subgraph reads it.
    private func readers(of value: ValueID, in graph: Graph) -> Set<NodeID>? {
        let uses = graph[value].uses
        guard !graph[value].isGraphOutput, uses.allSatisfy({ $0.position != nil }) else { return nil }
        return Set(uses.map(\.node))
    }
}
