import GraphIR
import Operators

/// Removes nodes that hand on their first input unchanged.
///
///     before: x -> Identity -> y -> Conv       initialiser b -> Identity -> b_47 -> Conv
///     after:  x -> Conv                        initialiser b -> Conv
///
/// Conditions:
/// 1. `NoOperation` knows the operator and vouches that this application changes nothing.
/// 2. No other output of the node is read (the mask of Dropout).
/// 3. If y is a graph output or read by a subgraph, whose names stay: x is computed by a node and neither a
///    graph output nor read by a subgraph itself, so that it can take y's name.
public struct RemoveIdentity: LocalPass {
    public let name = "remove-identity"
    public let summary = "Nodes that hand on their input unchanged are removed."

    /// The pass, which has nothing to set.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let input = node.input(0), let output = node.output(0),
            try NoOperation.isOne(node, in: edit.graph),
            node.outputs.dropFirst().allSatisfy({ $0.map { edit.graph[$0].useCount == 0 } ?? true })
        else { return }
        if edit.canReplaceUses(of: output, with: input) {
            try edit.replaceUses(of: output, with: input)
            try edit.removeNode(node.id)
        } else if let producer = edit.graph.producer(of: input), producer.outputs.count == 1,
            edit.graph.soleConsumer(of: input)?.id == node.id
        {
            try edit.adopt(output, by: producer.id)
        }
    }
}
