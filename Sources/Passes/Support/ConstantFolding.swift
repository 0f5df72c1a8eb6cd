import GraphIR
import Operators

/// Evaluates nodes whose inputs are all constant, within limits that no file can exceed.
struct ConstantFolding {
    /// The most bytes that all computed constants may take together: as much as one ONNX file can hold.
    static let byteLimit = 1 << 31
    /// The most operations in one run of a pass; the reference evaluation does about 10^8 a second.
    static let operationLimit = 1 << 29

    private let growthLimit: Int
    private var bytesLeft: Int
    private var operationsLeft = operationLimit
    /// Of weights that a Transpose reads: whether another node does.
    private var areTied: [ValueID: Bool] = [:]

    /// - Parameter growthLimit: bytes by which folding one node may make the model grow.
    init(_ graph: Graph, growthLimit: Int = ConstantFolding.byteLimit) {
        self.growthLimit = growthLimit
        bytesLeft = graph.initializers.reduce(ConstantFolding.byteLimit) { left, value in
            guard let bytes = value.initializer?.bytes, bytes.isAllocated else { return left }
            return left - min(left, bytes.count)
        }
    }

    /// The outputs of `node`, if
    /// 1. all its inputs are constant, and it has no subgraph and captures nothing,
    /// 2. its operator is known, computes the same every time, and does not quantise (`Node.isQuantization`),
    /// 3. none of its outputs is a graph output (few runtimes take an initialiser as an output),
    /// 4. the sizes of its outputs are known, and within the bounds,
    /// 5. they take at most `growthLimit` bytes more than the constants that only this node reads,
    /// 6. it does not transpose a weight matrix that other nodes read untransposed: one parameter stays one,
    /// 7. it can be evaluated: otherwise it stays, and running it reports why.
    mutating func value(of node: Node, in graph: Graph) throws -> [Tensor]? {
        let inputs = node.inputs.map { graph.constant($0) }
        guard zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }), node.captures.isEmpty,
            !node.hasSubgraph, let rule = OperatorRegistry.find(node), !node.isRandom, !node.isQuantization,
            node.outputs.allSatisfy({ $0.map { !graph[$0].isGraphOutput } ?? true }),
            let size = outputSize(node, graph), size <= bytesLeft,
            size - replacedSize(node, graph) <= growthLimit, !isTied(node, graph),
            isAffordable(rule, node, graph)
        else { return nil }
        do {
            let context = OperatorContext(graph: graph, node: node, inputs: inputs)
            let results = try rule.evaluate(context, inputs)
            bytesLeft -= size
            return results
        } catch is any DiagnosableError {
            return nil
        }
    }

    private mutating func isTied(_ node: Node, _ graph: Graph) -> Bool {
        guard node.isOperator("Transpose"), let input = node.input(0), let weights = graph.constant(input),
            weights.rank == 2, weights.elementType.isFloatingPoint
        else { return false }
        if let known = areTied[input] { return known }
        let isTied = graph[input].uses.contains { !graph[$0.node].isOperator("Transpose") }
        areTied[input] = isTied
        return isTied
    }

    /// The bytes of all outputs; nil if a shape is unknown or the sum overflows.
    private func outputSize(_ node: Node, _ graph: Graph) -> Int? {
        var total = 0
        for case let output? in node.outputs {
            guard let type = graph[output].tensorType, type.elementType != .string,
                let count = type.shape?.elementCount, let bytes = type.elementType.byteCount(of: count)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(bytes)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }

    /// The bytes of the constants that have no reader once the node is gone.
    private func replacedSize(_ node: Node, _ graph: Graph) -> Int {
        // A Constant node holds its value already.
        if node.isOperator("Constant") { return ConstantFolding.byteLimit }
        return Set(node.inputs.compactMap { $0 }).reduce(0) { total, input in
            let value = graph[input]
            let isOwn = !value.isGraphOutput && value.uses.allSatisfy { $0.node == node.id }
            return total + (isOwn ? value.constant?.bytes.count ?? 0 : 0)
        }
    }

    /// Whether the node's cost is known and within the remaining budget; if so, spends it.
    private mutating func isAffordable(_ rule: any Operator, _ node: Node, _ graph: Graph) -> Bool {
        let context = OperatorContext(graph: graph, node: node)
        let operations = rule.operations(context)
        guard rule.cost(context) != nil, operations <= operationsLeft else { return false }
        operationsLeft -= operations
        return true
    }
}

extension Node {
    /// Whether an attribute holds a subgraph.
    var hasSubgraph: Bool {
        attributes.entries.contains {
            switch $0.value {
            case .graph, .graphs: true
            default: false
            }
        }
    }

    /// Whether two evaluations on the same inputs may differ.
    var isRandom: Bool {
        domain.isEmpty && Node.randomOperators.contains(operatorType)
    }

    private static let randomOperators: Set<String> = [
        "Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
        "RandomUniformLike",
    ]
}
