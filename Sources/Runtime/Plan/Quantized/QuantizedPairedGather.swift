import GraphIR
import Operators

/// A choice between pairs of channels (`PairedGather`), between quantisations that undo each other:
///
///     DequantizeLinear -> Gather, Gather -> Where -> Concat -> QuantizeLinear, and a pair behind each inner node
///
/// Its step moves bytes. All quantisations must be the same, and no value inside may be a result of the run.
enum QuantizedPairedGather {
    /// The operations of a graph, those with constant channels first: their Where would match by itself. O(nodes).
    static func all(_ context: PatternContext) throws -> [QuantizedPattern] {
        let nodes = context.specialization.nodes
        var (patterns, taken) = ([QuantizedPattern](), Set<NodeID>())
        for name in ["Concat", "Where"] {
            for node in nodes where node.isOperator(name) && !taken.contains(node.id) {
                guard let pattern = try match(node, context) else { continue }
                patterns.append(pattern)
                taken.formUnion(pattern.operation.nodes)
            }
        }
        return patterns
    }

    private static func match(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        guard let pattern = PairedGather.match(node, in: GraphBehindPairs(context: context)),
            let input = context.dequantized(pattern.image), let x = context.type(of: input.bytes),
            let choice = context.type(of: pattern.choice), choice.elementType == .bool,
            choice.shape == [x.shape[0], pattern.first.count, 1, 1],
            let end = try context.quantizing(pattern.output), end.nodes.count == 1,
            end.result.quantization == input.quantization, let y = context.type(of: end.result.bytes),
            let kernel = PairedChannelGather(
                input: x, output: y, first: pattern.first, second: pattern.second,
                constant: pattern.constant)
        else { return nil }
        var nodes = pattern.nodes + end.nodes
        for inner in pattern.nodes.dropLast() {
            guard let pair = try context.pair(after: inner.output(0)), pair.quantization == input.quantization
            else { return nil }
            nodes += pair.nodes
        }
        let choices = [
            KernelChoice(kernel: kernel, inputLayouts: [.blocked, .rowMajor], outputLayouts: [.blocked])
        ]
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: node), nodes: nodes.map(\.id), work: .kernels(choices),
                inputs: [input.bytes, pattern.choice], outputs: [end.result.bytes]),
            place: node.id, dequantized: [pattern.image])
    }
}

/// A graph as it would be without pairs of QuantizeLinear and DequantizeLinear.
private struct GraphBehindPairs: PatternGraph {
    let context: PatternContext

    var graph: Graph { context.graph }
    func channels(of value: ValueID) -> Int? { context.channels(of: value) }
    func constant(_ value: ValueID?) -> Tensor? { context.constant(value) }

    func inner(_ value: ValueID?) -> Node? {
        guard let dequantizer = context.inner(value), dequantizer.isQuantizationOperator("DequantizeLinear"),
            let quantizer = context.inner(dequantizer.input(0)),
            quantizer.isQuantizationOperator("QuantizeLinear")
        else { return nil }
        return context.inner(quantizer.input(0))
    }
}

extension PatternContext {
    /// The pair that alone reads a value, and its quantisation.
    fileprivate func pair(
        after value: ValueID?
    ) throws -> (nodes: [Node], quantization: LinearQuantization)? {
        guard let quantizing = try quantizing(value), quantizing.nodes.count == 1,
            let dequantizer = follower(of: quantizing.result.bytes),
            let dequantized = dequantized(dequantizer.output(0)),
            dequantized.quantization == quantizing.result.quantization
        else { return nil }
        return (quantizing.nodes + [dequantizer], dequantized.quantization)
    }
}
