import GraphIR

/// The nodes that add a narrow image to the first channels of a wide one, in the two spellings that graphs
/// use:
///
///     parts     X -> Slice or Split [:, :k] -> Add (B) -> Concat along channels -> Y
///               X -> Slice or Split [:, k:] ------------^
///     padding   B -> Pad channels to C -> [MaxPool 1x1] -> Add (X) -> Y
///
/// Recognition and the runtime use the same matcher, so the runtime runs fast what recognition finds.
public struct ChannelFusion: Sendable {
    /// B, [N, k, H, W].
    public let addend: ValueID
    /// X, [N, C, H, W].
    public let image: ValueID
    /// Y.
    public let output: ValueID
    /// k.
    public let processed: Int
    /// The nodes that compute nothing but parts of Y, in topological order; the last one computes Y.
    public let nodes: [Node]

    /// The fusion that ends with a node. O(1).
    public static func match(_ node: Node, in graph: some PatternGraph) -> ChannelFusion? {
        parts(node, in: graph) ?? padding(node, in: graph)
    }

    private static func parts(_ concat: Node, in graph: some PatternGraph) -> ChannelFusion? {
        guard concat.isOperator("Concat"), concat.inputs.count == 2, let output = concat.output(0),
            let axis = try? OperatorContext(graph: graph.graph, node: concat).int("axis"),
            axis == 1 || axis == -3,
            let add = graph.inner(concat.input(0)), add.isOperator("Add"), add.inputs.count == 2,
            let rest = ChannelSlice.of(concat.input(1), in: graph), rest.start > 0,
            let channels = graph.channels(of: rest.whole), rest.end == channels,
            graph.channels(of: output) == channels
        else { return nil }
        for position in 0..<2 {
            guard let first = ChannelSlice.of(add.input(position), in: graph),
                first.whole == rest.whole, first.start == 0, first.end == rest.start,
                let addend = add.input(1 - position), graph.channels(of: addend) == rest.start
            else { continue }
            // If others read a part too, a node of its own computes it for them.
            var cuts: [Node] = []
            for cut in [first.node, rest.node] where !cuts.contains(where: { $0.id == cut.id }) {
                let isInner = cut.outputs.allSatisfy { $0 == nil || graph.inner($0) != nil }
                if isInner { cuts.append(cut) }
            }
            return ChannelFusion(
                addend: addend, image: rest.whole, output: output, processed: rest.start,
                nodes: cuts + [add, concat])
        }
        return nil
    }

    private static func padding(_ add: Node, in graph: some PatternGraph) -> ChannelFusion? {
        guard add.isOperator("Add"), add.inputs.count == 2, let output = add.output(0),
            let channels = graph.channels(of: output)
        else { return nil }
        for position in 0..<2 {
            let pool = unitPooling(add.input(position), in: graph)
            guard let pad = graph.inner(pool?.input(0) ?? add.input(position)), pad.isOperator("Pad"),
                let addend = pad.input(0), let image = add.input(1 - position), image != addend,
                graph.channels(of: image) == channels, let processed = graph.channels(of: addend),
                padsChannelsOnly(pad, by: channels - processed, in: graph)
            else { continue }
            return ChannelFusion(
                addend: addend, image: image, output: output, processed: processed,
                nodes: [pad, pool, add].compactMap { $0 })
        }
        return nil
    }

    /// The node that computes the value, if it is a pooling whose windows are single elements.
    private static func unitPooling(_ value: ValueID?, in graph: some PatternGraph) -> Node? {
        guard let pool = graph.inner(value), pool.isOperator("MaxPool") else { return nil }
        let context = OperatorContext(graph: graph.graph, node: pool)
        func hold(_ attribute: String, only number: Int64) -> Bool? {
            (try? context.ints(attribute))?.allSatisfy { $0 == number }
        }
        let isUnit =
            hold("kernel_shape", only: 1) == true && hold("strides", only: 1) != false
            && hold("pads", only: 0) != false
        return isUnit ? pool : nil
    }

    private static func padsChannelsOnly(_ pad: Node, by count: Int, in graph: some PatternGraph) -> Bool {
        let context = OperatorContext(graph: graph.graph, node: pad)
        guard (try? context.string("mode") ?? "constant") == "constant", pad.input(3) == nil else {
            return false
        }
        let pads: [Int]?
        let value: Float?
        if context.opset < 11 {
            pads = (try? context.ints("pads"))?.map { Int(clamping: $0) }
            value = (try? context.float("value", default: 0)).map { Float($0) }
        } else {
            pads = graph.constant(pad.input(1))?.integers
            value = pad.input(2) == nil ? 0 : graph.constant(pad.input(2))?.floats?.first
        }
        return value == 0 && count > 0 && pads == [0, 0, 0, 0, 0, count, 0, 0]
    }
}
