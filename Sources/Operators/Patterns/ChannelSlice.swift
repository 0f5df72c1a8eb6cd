import GraphIR

/// Consecutive channels of an image, extracted by Slice or Split.
public struct ChannelSlice: Sendable {
    /// The image, [N, C, H, W].
    public let whole: ValueID
    /// The first channel.
    public let start: Int
    /// The channel after the last one.
    public let end: Int
    /// The Slice or Split.
    public let node: Node

    /// The channels that a value holds; nil for a value that is not such a slice.
    public static func of(_ value: ValueID?, in graph: some PatternGraph) -> ChannelSlice? {
        guard let value, let node = graph.graph.producer(of: value), node.domain.isEmpty,
            let whole = node.input(0), let count = graph.channels(of: value)
        else { return nil }
        let context = OperatorContext(graph: graph.graph, node: node)
        func list(_ attribute: String, input: Int) -> [Int]? {
            graph.constant(node.input(input))?.integers
                ?? (try? context.ints(attribute))?.map { Int(clamping: $0) }
        }
        switch node.operatorType {
        case "Split":
            guard let axis = try? context.int("axis", default: 0), axis == 1 || axis == -3 else { return nil }
            var start = 0
            for output in node.outputs {
                guard let output, output != value else { break }
                guard let size = graph.channels(of: output) else { return nil }
                start += size
            }
            return ChannelSlice(whole: whole, start: start, end: start + count, node: node)
        case "Slice":
            guard let axes = list("axes", input: 3), axes == [1] || axes == [-3],
                let starts = list("starts", input: 1), starts.count == 1,
                graph.constant(node.input(4))?.integers ?? [1] == [1],
                let channels = graph.channels(of: whole), starts[0] > -channels, starts[0] <= channels
            else { return nil }
            let start = starts[0] < 0 ? starts[0] + channels : starts[0]
            return ChannelSlice(whole: whole, start: start, end: start + count, node: node)
        default: return nil
        }
    }
}
