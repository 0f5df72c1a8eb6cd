import GraphIR
import Operators

/// Merges two Slices along different axes into one.
///
///     before: x -> Slice(axis 2, steps 2) -> a -> Slice(axis 3, steps 2) -> y      (CIFAR ResNets' shortcut)
///     after:  x -> Slice(axes 2 and 3, steps 2 and 2) -> y
///
/// Conditions:
/// 1. The opset is 10 or later, in which starts, ends, axes and steps are inputs; all are constant.
/// 2. Only the second Slice reads a: no other node, no subgraph, no graph output.
/// 3. The two name different axes of x, whose rank is known.
public struct FuseSlices: LocalPass {
    public let name = "fuse-slices"
    public let summary = "Slices of different axes that follow each other become one."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let inner = node.input(0), let first = edit.graph.producer(of: inner),
            edit.graph.soleConsumer(of: inner)?.id == node.id, let source = first.input(0),
            let output = node.output(0), let later = try Cuts(node, in: edit.graph),
            let earlier = try Cuts(first, in: edit.graph), later.rank == earlier.rank,
            Set(earlier.axes).isDisjoint(with: later.axes)
        else { return }
        let name = edit.graph[output].name
        edit.setInput(node.id, 0, source)
        for (index, part) in ["starts", "ends", "axes", "steps"].enumerated() {
            let values = (earlier.parts[index] + later.parts[index]).map(Int64.init)
            try edit.replaceConstant(node.id, index + 1, by: Tensor(values), name: "\(name)_\(part)")
        }
        try edit.removeNode(first.id)
    }
}

/// The cuts of a Slice, as lists of one length.
private struct Cuts {
    /// Starts, ends, axes counted from the front, steps.
    let parts: [[Int]]
    let rank: Int

    var axes: [Int] { parts[2] }

    init?(_ node: Node, in graph: Graph) throws {
        guard node.isOperator("Slice") else { return nil }
        let context = OperatorContext(graph: graph, node: node)
        guard context.opset >= 10, let rank = context.shape(0)?.rank,
            let starts = context.integers(input: 1), let ends = context.integers(input: 2)
        else { return nil }
        func list(_ position: Int, _ substitute: [Int]) -> [Int]? {
            context.hasInput(position) ? context.integers(input: position) : substitute
        }
        guard let axes = list(3, Array(starts.indices)),
            let steps = list(4, [Int](repeating: 1, count: starts.count)),
            [ends, axes, steps].allSatisfy({ $0.count == starts.count })
        else { return nil }
        parts = [starts, ends, try axes.map { try context.axis($0, rank: rank) }, steps]
        self.rank = rank
    }
}
