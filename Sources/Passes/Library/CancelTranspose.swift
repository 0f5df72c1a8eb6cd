import GraphIR

/// Removes a Transpose that undoes the one before it.
///
///     before: x -> Transpose(0, 2, 3, 1) -> a -> Transpose(0, 3, 1, 2) -> y -> Conv
///     after:  x -> Conv
///
/// Conditions:
/// 1. Both permutations are given and of the same length, and the second undoes the first.
/// 2. y can be replaced by x: if y is a graph output or read by a subgraph, x must be able to take its name.
///
/// The first Transpose stays for its other readers.
public struct CancelTranspose: LocalPass {
    public let name = "cancel-transpose"
    public let summary = "Pairs of Transposes that undo each other are removed."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let second = ImageLayout.permutation(of: node), let inner = node.input(0),
            let output = node.output(0), let other = edit.graph.producer(of: inner),
            let first = ImageLayout.permutation(of: other), let source = other.input(0),
            first.count == second.count, second.allSatisfy(first.indices.contains),
            second.map({ first[$0] }) == Array(first.indices),
            edit.canReplaceUses(of: output, with: source)
        else { return }
        try edit.replaceUses(of: output, with: source)
        try edit.removeNode(node.id)
    }
}
