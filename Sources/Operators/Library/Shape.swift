import GraphIR

/// `Shape`: the extents of its input as a vector of int64 (ONNX Shape-1, 13, 15, 19, 21, 23).
///
/// From opset 15 on, `start` and `end` select a range of axes, clamped to the rank.
public struct ShapeOf: Operator {
    public let name = "Shape"
    public let versions = [1, 13, 15, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 15
            ? OperatorSchema(inputs: 1...1)
            : OperatorSchema(inputs: 1...1, .optional("start", .int), .optional("end", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let rank = context.shape(0)?.rank else { return [TensorType(.int64, Shape([.unknown]))] }
        return [TensorType(.int64, [try axes(context, rank: rank).count])]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        guard let shape = context.shape(0) else { return nil }
        return Array(shape.dims[try axes(context, rank: shape.rank)])
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let input = try context.required(inputs, 0)
        return [Tensor(input.shape[try axes(context, rank: input.rank)].map(Int64.init))]
    }

    private func axes(_ context: OperatorContext, rank: Int) throws(OperatorError) -> Range<Int> {
        func clamped(_ axis: Int) -> Int { min(max(axis < 0 ? axis + rank : axis, 0), rank) }
        let start = clamped(try context.int("start", default: 0))
        let end = clamped(try context.int("end", default: rank))
        return start..<max(start, end)
    }
}
