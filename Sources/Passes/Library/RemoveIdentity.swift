import GraphIR
import Operators

/// Removes nodes that pass on their first input unchanged.
///
///     before: x -> Identity -> y -> Conv       initialiser b -> Identity -> b_47 -> Conv
///     after:  x -> Conv                        initialiser b -> Conv
///
/// Conditions:
/// 1. `NoOperation` knows the operator and vouches that this application changes nothing.
/// 2. No other output of the node, such as the mask of Dropout, is read.
/// 3. If y is a graph output or read by a subgraph, its name must stay. Then a node computes x, and x is
///    neither a graph output nor read by a subgraph itself, so it can take y's name.
public struct RemoveIdentity: LocalPass {
    public let name = "remove-identity"
    public let summary = "Nodes that hand on their input unchanged are removed."

    /// The pass; it has no settings.
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
