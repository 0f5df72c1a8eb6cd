import GraphIR
import Operators

/// The nodes that compute on bytes, in the two spellings that quantised graphs use, as operations of the engine.
///
///     QDQ         DequantizeLinear -> operator -> [Relu or Clip] -> QuantizeLinear
///     QOperator   QLinearConv, QLinearAdd, ...
///
/// An operator joins if (1) each of its float operands is dequantised from bytes of one quantisation, (2) its result
/// has one reader, the quantisation, and is no result of the run, and (3) there is a kernel for it. Everything else
/// runs as the graph says: quantisation and dequantisation are operations of their own.
struct QuantizedPatterns {
    /// Operations by the node in whose place they run.
    private(set) var operations: [NodeID: Operation] = [:]
    /// The nodes that need not run: those of the operations, and dequantisations that nothing else reads.
    private(set) var replaced: Set<NodeID> = []
    /// The nodes that read the bytes behind a dequantised value instead of the value.
    private var readers: [ValueID: Set<NodeID>] = [:]

    private init() {}

    /// Finds the operations of a specialised graph, first come first served. O(nodes), and the time of planning the
    /// convolutions.
    static func find(
        _ context: PatternContext, _ weights: inout WeightCache
    ) throws -> QuantizedPatterns {
        var patterns = QuantizedPatterns()
        let nodes = context.specialization.nodes
        guard nodes.contains(where: \.concernsBytes) else { return patterns }
        for pattern in try QuantizedPairedGather.all(context) { patterns.add(pattern) }
        for node in nodes where !patterns.replaced.contains(node.id) {
            guard let pattern = try QuantizedPattern.match(node, context, patterns.replaced, &weights) else {
                continue
            }
            patterns.add(pattern)
        }
        let needed = Set(nodes.map(\.id))
        for node in nodes where node.isQuantizationOperator("DequantizeLinear") {
            guard let output = node.output(0), let readers = patterns.readers[output],
                !context.results.contains(output),
                context.graph[output].uses.allSatisfy({
                    readers.contains($0.node) || !needed.contains($0.node)
                })
            else { continue }
            patterns.replaced.insert(node.id)
            patterns.operations[node.id] = nil
        }
        return patterns
    }

    private mutating func add(_ pattern: QuantizedPattern) {
        operations[pattern.place] = pattern.operation
        replaced.formUnion(pattern.operation.nodes)
        for value in pattern.dequantized {
            readers[value, default: []].formUnion(pattern.operation.nodes)
        }
    }
}

/// One operation on bytes.
struct QuantizedPattern {
    let operation: Operation
    /// The node in whose place it runs: where all operands exist, and before all readers.
    let place: NodeID
    /// The dequantised values whose bytes it reads.
    let dequantized: [ValueID]

    /// The pattern around a node.
    ///
    /// - Parameter taken: the nodes of patterns found before.
    static func match(
        _ node: Node, _ context: PatternContext, _ taken: Set<NodeID>, _ weights: inout WeightCache
    ) throws -> QuantizedPattern? {
        if let convolution = try QuantizedConvolution.match(node, context, taken) {
            return convolution.pattern(context, &weights)
        }
        if let product = try QuantizedProduct.match(node, context) {
            return product.pattern(context, &weights)
        }
        return try QuantizedElementwise.match(node, context) ?? QuantizedPooling.match(node, context)
            ?? QuantizedMovement.match(node, context) ?? QuantizedConcat.match(node, context)
    }
}

extension Node {
    /// Whether the node quantises, dequantises, or computes on quantised numbers.
    fileprivate var concernsBytes: Bool {
        isQuantizationOperator("QuantizeLinear") || isQuantizationOperator("DequantizeLinear")
            || operatorType.hasPrefix("QLinear") || operatorType == "QGemm"
            || operatorType.hasSuffix("Integer")
    }
}
