import GraphIR
import Operators

/// Replaces computed shapes by constants where inference knows their values.
///
///     before: x -> Shape -> Gather(0) -> Concat([.., 2048]) -> Reshape(x, ..)
///     after:  Reshape(x, [-1, 2048])
///
/// Conditions, for a node whose output is a shape with all extents known:
/// 1. Its output holds int32 or int64 numbers and is not a graph output; it has no other output in use.
///
/// Conditions, for a node that reads a shape with extents that are symbols, such as the batch:
/// 3. Reshape: at most one extent becomes -1. The others are numbers, or equal the extent that x has in the
///    same place, which is written as 0.
/// 4. Expand: the symbol equals the extent that x has in that place, which is written as 1.
/// 5. Slice: the symbol equals the extent that x has along that axis, and is the end of the slice, which is
///    written as the largest integer.
public struct FoldShapeComputation: Pass {
    public let name = "fold-shape-computation"
    public let summary = "Shapes that are computed, but known, become constants."

    /// The pass; it has no settings.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        let extents = try ShapeInference.extents(graph)
        var edit = GraphEdit(graph)
        for node in graph.nodes {
            do {
                if let tensor = constant(for: node, extents, graph) {
                    try edit.replaceNode(node.id, withConstants: [tensor])
                } else if let (position, shape) = try constantShape(for: node, extents, graph) {
                    let label = node.output(0).map { graph[$0].name } ?? node.name
                    let tensor = Tensor(shape.map(Int64.init))
                    edit.setInput(
                        node.id, position,
                        try edit.addInitializer(edit.uniqueName("\(label)_shape"), tensor))
                }
            } catch is OperatorError {
                // Thrown before the edit: a node that violates its operator's definition is left alone.
                continue
            } catch {
                throw PassError(pass: name, node: graph.label(of: node), error)
            }
        }
        return edit.hasChanges ? try edit.commit() : nil
    }

    /// The output of a node as a constant, if all its extents are numbers.
    private func constant(for node: Node, _ extents: [ValueID: [Dim]], _ graph: Graph) -> Tensor? {
        guard let output = node.output(0), !graph[output].isGraphOutput,
            let numbers = extents[output].flatMap({ Shape($0).extents }),
            let type = graph[output].tensorType, let rank = type.shape?.rank, rank <= 1,
            node.outputs.dropFirst().allSatisfy({ $0.map { graph[$0].useCount == 0 } ?? true })
        else { return nil }
        let shape = rank == 0 ? [] : [numbers.count]
        switch type.elementType {
        case .int64: return try? Tensor(shape: shape, numbers.map(Int64.init))
        case .int32:
            let narrow = numbers.compactMap { Int32(exactly: $0) }
            return narrow.count == numbers.count ? try? Tensor(shape: shape, narrow) : nil
        default: return nil
        }
    }

    /// A constant that can replace the shape that a node reads, and the input's position.
    private func constantShape(for node: Node, _ extents: [ValueID: [Dim]], _ graph: Graph) throws
        -> (position: Int, shape: [Int])?
    {
        let position = node.isOperator("Slice") ? 2 : 1
        guard node.isOperator("Reshape") || node.isOperator("Expand") || node.isOperator("Slice"),
            let input = node.input(position), graph.constant(input) == nil,
            graph[input].tensorType?.elementType == .int64, let dims = extents[input]
        else { return nil }
        let shape = node.input(0).flatMap { graph[$0].shape }
        let context = OperatorContext(graph: graph, node: node)
        let constant =
            switch node.operatorType {
            case "Reshape":
                reshape(dims, from: shape, zeroCopies: try context.int("allowzero", default: 0) == 0)
            case "Expand": expand(dims, from: shape)
            default: try sliceEnds(dims, of: shape, context)
            }
        return constant.map { (position, $0) }
    }

    private func reshape(_ dims: [Dim], from shape: Shape?, zeroCopies: Bool) -> [Int]? {
        let fixed = dims.compactMap(\.value)
        let canInfer = !fixed.contains(-1) && !fixed.contains(0)
        if canInfer, fixed.count == dims.count - 1 { return dims.map { $0.value ?? -1 } }
        let target = dims.enumerated().map { position, dim -> Int in
            if let value = dim.value { return value }
            guard zeroCopies, let shape, position < shape.rank else { return -1 }
            return dim.isKnownEqual(to: shape[position]) ? 0 : -1
        }
        return target.count { $0 == -1 } <= 1 ? target : nil
    }

    private func expand(_ dims: [Dim], from shape: Shape?) -> [Int]? {
        guard let shape else { return nil }
        let offset = dims.count - shape.rank
        var target: [Int] = []
        for (position, dim) in dims.enumerated() {
            if let value = dim.value {
                target.append(value)
            } else if position >= offset, dim.isKnownEqual(to: shape[position - offset]) {
                target.append(1)
            } else {
                return nil
            }
        }
        return target
    }

    private func sliceEnds(_ dims: [Dim], of shape: Shape?, _ context: OperatorContext) throws -> [Int]? {
        guard let shape else { return nil }
        if context.hasInput(3), context.integers(input: 3) == nil { return nil }
        let axes = context.integers(input: 3) ?? Array(dims.indices)
        guard axes.count == dims.count else { return nil }
        var ends: [Int] = []
        for (axis, dim) in zip(axes, dims) {
            if let value = dim.value {
                ends.append(value)
            } else if dim.isKnownEqual(to: shape[try context.axis(axis, rank: shape.rank)]) {
                ends.append(Int.max)
            } else {
                return nil
            }
        }
        return ends
    }
}
