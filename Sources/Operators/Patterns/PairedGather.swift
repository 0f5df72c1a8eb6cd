import GraphIR

/// Channels of an image, of which some are the one or the other of a pair, by sample:
///
///     X ── Gather(second), Gather(first) ── Where(choice [N,p,1,1]) ──┐
///     X ── Gather(constant) ─────────────────────────────────────── Concat ── X^ [N,k,H,W]
///
/// The lists are constant. Without constant channels, there is no Concat. Recognition and the runtime use the
/// same matcher.
public struct PairedGather: Sendable {
    /// X, [N, C, H, W].
    public let image: ValueID
    /// bool [N, p, 1, 1], true where the second channel is taken.
    public let choice: ValueID
    /// X^.
    public let output: ValueID
    /// The channels of each pair, all p of them.
    public let first: [Int]
    public let second: [Int]
    /// The channels after the chosen ones.
    public let constant: [Int]
    /// The nodes that compute nothing but X^, in topological order; the last one computes it.
    public let nodes: [Node]

    /// The pattern that ends with a node. O(p + k).
    public static func match(_ node: Node, in graph: some PatternGraph) -> PairedGather? {
        if node.isOperator("Concat") { return whole(node, in: graph) }
        guard let output = node.output(0),
            !graph.graph.consumers(of: output).contains(where: {
                $0.isOperator("Concat") && whole($0, in: graph) != nil
            })
        else { return nil }
        return pairs(node, in: graph)
    }

    private static func whole(_ concat: Node, in graph: some PatternGraph) -> PairedGather? {
        guard concat.inputs.count == 2, let output = concat.output(0),
            let axis = try? OperatorContext(graph: graph.graph, node: concat).int("axis"),
            axis == 1 || axis == -3, let choosing = graph.inner(concat.input(0)),
            let pairs = pairs(choosing, in: graph),
            let same = gather(concat.input(1), in: graph), same.image == pairs.image
        else { return nil }
        return PairedGather(
            image: pairs.image, choice: pairs.choice, output: output, first: pairs.first,
            second: pairs.second, constant: same.channels, nodes: pairs.nodes + [same.node, concat])
    }

    private static func pairs(_ choosing: Node, in graph: some PatternGraph) -> PairedGather? {
        guard choosing.isOperator("Where"), choosing.inputs.count == 3, let output = choosing.output(0),
            let choice = choosing.input(0), let second = gather(choosing.input(1), in: graph),
            let first = gather(choosing.input(2), in: graph), first.image == second.image,
            first.channels.count == second.channels.count, graph.channels(of: choice) == first.channels.count
        else { return nil }
        return PairedGather(
            image: first.image, choice: choice, output: output, first: first.channels,
            second: second.channels, constant: [], nodes: [second.node, first.node, choosing])
    }

    /// The node that gathers channels of an image by a constant list.
    private static func gather(
        _ value: ValueID?, in graph: some PatternGraph
    ) -> (node: Node, image: ValueID, channels: [Int])? {
        guard let node = graph.inner(value), node.isOperator("Gather"), let image = node.input(0),
            let count = graph.channels(of: image), let indices = graph.constant(node.input(1)),
            indices.rank == 1, let channels = indices.integers,
            channels.allSatisfy((0..<count).contains),
            let axis = try? OperatorContext(graph: graph.graph, node: node).int("axis", default: 0),
            axis == 1 || axis == -3
        else { return nil }
        return (node, image, channels)
    }
}
