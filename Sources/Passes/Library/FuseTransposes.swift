import GraphIR

/// Merges two consecutive Transposes into one.
///
///     before: x -> Transpose(0, 2, 1) -> a -> Transpose(1, 0, 2) -> y
///     after:  x -> Transpose(2, 0, 1) -> y
///
/// Conditions:
/// 1. Both permutations are known and of the same length; a missing `perm` reverses the axes.
/// 2. The second does not undo the first (`CancelTranspose` handles that).
///
/// The first Transpose stays for its other readers.
///
/// Formula: axis i of y is axis first[second[i]] of x.
public struct FuseTransposes: LocalPass {
    public let name = "fuse-transposes"
    public let summary = "Transposes that follow each other become one."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let inner = node.input(0), let first = edit.graph.producer(of: inner),
            let source = first.input(0), let outer = ImageLayout.fullPermutation(of: node, in: edit.graph),
            let earlier = ImageLayout.fullPermutation(of: first, in: edit.graph),
            earlier.count == outer.count,
            outer.allSatisfy(earlier.indices.contains)
        else { return }
        let fused = outer.map { earlier[$0] }
        guard fused != Array(fused.indices) else { return }
        edit.setInput(node.id, 0, source)
        edit.setAttribute(node.id, "perm", .ints(fused.map(Int64.init)))
    }
}
