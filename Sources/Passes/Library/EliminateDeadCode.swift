import GraphIR

/// Removes nodes and initialisers that no graph output depends on.
///
///     before: x -> Relu -> y (output)      x -> Exp -> z      initialiser w
///     after:  x -> Relu -> y (output)
///
/// Conditions:
/// 1. Nothing reads any output of the node: no node, no subgraph, no graph output.
/// 2. Nothing reads the initialiser. Graph inputs stay even if unread: they are the graph's signature.
public struct EliminateDeadCode: Pass {
    public let name = "eliminate-dead-code"
    public let summary = "Nodes and initialisers that no graph output depends on are removed."

    /// The pass; it has no settings.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        var edit = GraphEdit(graph)
        for node in graph.nodes.reversed() {
            let isDead = node.outputs.allSatisfy { $0.map { edit.graph[$0].useCount == 0 } ?? true }
            if isDead { try edit.removeNode(node.id) }
        }
        for value in graph.values where value.definition == .initializer {
            if edit.graph[value.id].useCount == 0 { try edit.removeValue(value.id) }
        }
        return edit.hasChanges ? try edit.commit() : nil
    }
}
