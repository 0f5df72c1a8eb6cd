import GraphIR
import Operators

/// Removes reductions and global pooling over a single element.
///
///     before: x [N, 512, 1, 1] -> GlobalAveragePool -> y [N, 512, 1, 1]
///     after:  x
///
/// Conditions:
/// 1. The node is GlobalAveragePool, GlobalMaxPool, ReduceMean, ReduceMax, ReduceMin, ReduceProd or
///    ReduceSum, the latter ones with `keepdims`.
/// 2. Every reduced axis is known, and its extent is 1.
/// 3. y can be replaced by x (`GraphEdit.canReplaceUses`).
public struct RemoveUnitReductions: LocalPass {
    public let name = "remove-unit-reductions"
    public let summary = "Reductions and global pooling over one element are removed."

    /// The pass; it has no settings.
    public init() {}

    private static let reductions: Set<String> = [
        "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
    ]

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let input = node.input(0), let output = node.output(0), node.domain.isEmpty,
            let shape = edit.graph[input].shape, try removesNothing(node, shape, in: edit.graph),
            edit.canReplaceUses(of: output, with: input)
        else { return }
        try edit.replaceUses(of: output, with: input)
        try edit.removeNode(node.id)
    }

    /// Whether every axis that the node reduces has extent 1.
    private func removesNothing(_ node: Node, _ shape: Shape, in graph: Graph) throws -> Bool {
        if ["GlobalAveragePool", "GlobalMaxPool"].contains(node.operatorType) {
            return shape.dims.dropFirst(2).allSatisfy { $0 == 1 }
        }
        guard Self.reductions.contains(node.operatorType) else { return false }
        let context = OperatorContext(graph: graph, node: node)
        guard try context.int("keepdims", default: 1) == 1 else {
            return false
        }
        var axes = try context.ints("axes") ?? []
        if context.hasInput(1) {
            guard let given = context.integers(input: 1) else { return false }
            axes = given
        }
        if axes.isEmpty {
            // All axes, unless the node says that no axes means none.
            if try context.int("noop_with_empty_axes", default: 0) == 1 { return true }
            axes = Array(0..<shape.rank)
        }
        return try context.axes(axes, rank: shape.rank).allSatisfy { shape[$0] == 1 }
    }
}
