import GraphIR

/// The cost of a graph, node by node.
///
/// A symbolic batch counts as one sample; a fixed batch counts as it is. An `If` counts its more expensive
/// branch, and the parameters of both.
public struct MACCount: Sendable {
    /// The operations that count.
    public enum Convention: String, Sendable, CaseIterable {
        /// Multiply-accumulates of convolutions and matrix products only.
        case strict
        /// Those, and one for each elementary operation of all other operators: an element of an elementwise
        /// operator or a normalisation, an element of a pooling window, an element that is reduced.
        case all

        /// The convention in words, for readers of the number.
        public var text: String {
            switch self {
            case .strict: "strict: multiply-accumulates of Conv, Gemm and MatMul, without bias"
            case .all: "all: strict, plus one per elementary operation of every other operator"
            }
        }
    }

    /// The cost of one node.
    public struct Entry: Sendable {
        /// The node.
        public let node: NodeID
        /// The node's name, or that of its first output.
        public let name: String
        /// The operator's name.
        public let operatorType: String
        /// Nil if an extent that it depends on is unknown.
        public let cost: Cost?
        /// Whether the node multiplies integers of 8 bits: an operator on quantised numbers, or one whose two factors
        /// are dequantised, and only moved since.
        public let isInteger: Bool
        /// Trainable values that this node is the first to use.
        public let parameters: Int
        /// Elements of the node's outputs times the size of an element, nil if unknown.
        public let outputBytes: Int?
        /// The node's name in messages, such as `node "conv1" (Conv)`.
        public let label: String

        /// The multiply-accumulates of 8-bit integers.
        public var integerMACs: Int { isInteger ? cost?.macs ?? 0 : 0 }

        /// The count under a convention.
        public func count(_ convention: Convention) -> Int? {
            cost.map { $0.macs.addingClamped(convention == .all ? $0.elementaryOperations : 0) }
        }
    }

    /// One entry for each node, in topological order.
    public let entries: [Entry]
    private let positions: [NodeID: Int]

    /// Counts a graph whose shapes are inferred. O(nodes).
    public init(_ graph: Graph) {
        var parameters = ParameterCount(graph)
        positions = Dictionary(uniqueKeysWithValues: graph.order.enumerated().map { ($1, $0) })
        entries = graph.nodes.map { node in
            let context = OperatorContext(graph: graph, node: node).countingOneSample
            let name = node.name.isEmpty ? node.output(0).map { graph[$0].name } ?? "" : node.name
            // A Reshape has as many elements as it reads, even if it multiplies the batch by other extents.
            let read = node.isOperator("Reshape") ? context.inputType(0)?.shape?.elementCount : nil
            let bytes = context.outputTypes.reduce(Int?.some(0)) { total, type in
                guard let total, let type, let count = type.shape?.elementCount ?? read,
                    let size = type.elementType.byteCount(of: count)
                else { return nil }
                let (sum, overflow) = total.addingReportingOverflow(size)
                return overflow ? nil : sum
            }
            return Entry(
                node: node.id, name: name, operatorType: node.operatorType,
                cost: OperatorRegistry.find(node).flatMap { $0.cost(context) },
                isInteger: graph.multipliesIntegers(node),
                parameters: parameters.parameters(of: node), outputBytes: bytes, label: context.label)
        }
    }

    /// The sum over all nodes; nodes of unknown cost add nothing, see `uncounted`.
    public func total(_ convention: Convention) -> Int {
        entries.reduce(0) { $0.addingClamped($1.count(convention) ?? 0) }
    }

    /// The multiply-accumulates of 8-bit integers in all nodes, which `total` counts, too.
    public var totalIntegerMACs: Int { entries.reduce(0) { $0.addingClamped($1.integerMACs) } }

    /// Trainable values: weights, biases, scales and biases of normalisations; not running statistics.
    public var totalParameters: Int { entries.reduce(0) { $0.addingClamped($1.parameters) } }

    /// The entries whose cost is unknown.
    public var uncounted: [Entry] { entries.filter { $0.cost == nil } }

    /// The cost of all nodes together; nil if the cost of one is unknown.
    var totalCost: Cost? {
        entries.reduce(Cost?.some(.free)) { total, entry in
            guard let total, let cost = entry.cost else { return nil }
            return Cost(
                macs: total.macs.addingClamped(cost.macs),
                elementaryOperations: total.elementaryOperations.addingClamped(cost.elementaryOperations))
        }
    }

    /// The convention in words, for readers of the graph's numbers.
    public func text(of convention: Convention) -> String {
        let branches = entries.contains { $0.operatorType == "If" }
        return convention.text + (branches ? "; If counts as its larger branch" : "")
    }

    /// The nodes that the totals leave out; nil if they count every node.
    public var omission: Omission? {
        let left = uncounted
        return left.first.map { Omission(nodes: left.count, first: $0.label) }
    }

    /// Nodes that a total leaves out because their cost is unknown.
    public struct Omission: Encodable, Sendable, Equatable {
        /// The number of nodes.
        public let nodes: Int
        /// The first of them in topological order; the shapes of the others usually depend on its operator.
        public let first: String

        /// `3 nodes not counted, the first: node "loop" (Loop)`.
        public var text: String {
            nodes == 1 ? "\(first) not counted" : "\(nodes) nodes not counted, the first: \(first)"
        }
    }

    /// The cost of some of the nodes. O(nodes asked for), also for the next function.
    public func total(_ convention: Convention, of nodes: Set<NodeID>) -> Int {
        entries(of: nodes).reduce(0) { $0.addingClamped($1.count(convention) ?? 0) }
    }

    /// The multiply-accumulates of 8-bit integers in some of the nodes.
    public func integerMACs(of nodes: Set<NodeID>) -> Int {
        entries(of: nodes).reduce(0) { $0.addingClamped($1.integerMACs) }
    }

    /// The parameters that some of the nodes are the first to use.
    public func parameters(of nodes: Set<NodeID>) -> Int {
        entries(of: nodes).reduce(0) { $0.addingClamped($1.parameters) }
    }

    private func entries(of nodes: Set<NodeID>) -> some Sequence<Entry> {
        nodes.lazy.compactMap { positions[$0] }.map { entries[$0] }
    }

    /// The bytes of all nodes' outputs together; nil if the size of one is unknown.
    public var totalOutputBytes: Int? {
        entries.reduce(Int?.some(0)) { total, entry in
            guard let total, let bytes = entry.outputBytes else { return nil }
            return total.addingClamped(bytes)
        }
    }
}

extension OperatorContext {
    /// The same context, with 1 for a symbolic batch (the first extent).
    fileprivate var countingOneSample: OperatorContext {
        func bound(_ type: TensorType?) -> TensorType? {
            guard var type, var shape = type.shape, case .symbol? = shape.dims.first else { return type }
            shape[0] = 1
            type.shape = shape
            return type
        }
        var context = OperatorContext(
            label: label, attributes: attributes, opset: opset, inputTypes: inputTypes.map(bound),
            isPresent: isPresent, constants: constants, extents: extents, outputCount: outputCount,
            outputTypes: outputTypes.map(bound))
        context.captureTypes = captureTypes.compactMapValues(bound)
        return context
    }
}

extension Graph {
    /// Whether a node multiplies integers of 8 bits, or stands for it between quantisations.
    fileprivate func multipliesIntegers(_ node: Node) -> Bool {
        if OperatorRegistry.find(node) is any QuantizedOperator { return true }
        guard
            node.isOperator("Conv") || node.isOperator("Gemm") || node.isOperator("MatMul")
                || node.isOperator("ConvTranspose")
        else { return false }
        return (0..<2).allSatisfy { position in
            var source = node.input(position).flatMap { producer(of: $0) }
            while let mover = source, mover.commutesWithDequantization {
                source = mover.input(0).flatMap { producer(of: $0) }
            }
            guard let source, source.operatorType == "DequantizeLinear", let bytes = source.input(0),
                let type = self[bytes].tensorType?.elementType
            else { return false }
            return type == .int8 || type == .uint8
        }
    }
}
