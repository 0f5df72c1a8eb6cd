import GraphIR
import Operators

/// Moves Transposes to channels first above the node that they read, until they meet their inverse or the
/// graph's input.
///
///     before: x -> Pad(0, 3, 3, 0) -> a -> Transpose(0, 3, 1, 2) -> y
///     after:  x -> Transpose(0, 3, 1, 2) -> x_channels_first -> Pad(0, 0, 3, 3) -> y
///
/// Conditions:
/// 1. Only the Transpose reads a: no other node, no subgraph, no graph output.
/// 2. The node that computes a reads one image, of a's rank, and is not a Transpose itself
///    (`CancelTranspose`).
/// 3. `LayoutChange` can translate the node's axes and constants.
/// 4. The node has one output.
public struct RaiseTranspose: LocalPass {
    public let name = "raise-transpose"
    public let summary = "Transposes to channels first move above the node that they read."

    /// The pass; it has no settings.
    public init() {}

    public var visitsConsumersFirst: Bool { true }

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        // Follows the Transpose up as far as possible: the walk will still visit the nodes above, but not the
        // new Transpose.
        var transpose = node
        while let next = try raise(transpose, &edit) { transpose = next }
    }

    /// - Returns: the Transpose above, if this one could be raised.
    private func raise(_ transpose: Node, _ edit: inout GraphEdit) throws -> Node? {
        guard let permutation = ImageLayout.permutation(of: transpose),
            ImageLayout.ranks.contains(permutation.count),
            permutation == ImageLayout.toChannelsFirst(rank: permutation.count),
            let inner = transpose.input(0), let output = transpose.output(0),
            let node = edit.graph.producer(of: inner), node.outputs.count == 1,
            !node.isOperator("Transpose"),
            edit.graph.soleConsumer(of: inner)?.id == transpose.id,
            let change = try LayoutChange(node, rank: permutation.count, in: edit.graph),
            change.images.count == 1, let image = node.input(change.images[0]),
            edit.graph[image].shape?.rank == permutation.count
        else { return nil }
        let name = edit.uniqueName("\(edit.graph[image].name)_channels_first")
        let raised = try edit.addNode(
            "Transpose", name: name, inputs: [image], outputs: [name],
            attributes: ["perm": .ints(permutation.map(Int64.init))])
        edit.setInput(node.id, change.images[0], edit.graph[raised].output(0))
        try edit.apply(change, to: node.id)
        try edit.adopt(output, by: node.id)
        return edit.graph[raised]
    }
}
