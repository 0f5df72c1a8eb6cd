import GraphIR

/// `Expand`: the input broadcast together with a given shape (ONNX Expand-8, 13).
public struct Expand: Operator {
    public let name = "Expand"
    public let versions = [8, 13]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape,
            let wanted = context.extents(input: 1) ?? context.integers(input: 1)?.map(Dim.fixed)
        else { return [TensorType(data.elementType, nil)] }
        return [TensorType(data.elementType, try context.broadcast([shape, Shape(wanted)]))]
    }

    /// A single element repeated to a vector still describes extents.
    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        guard let contents = context.extents(input: 0), let wanted = context.fixedExtents(input: 1),
            wanted.count <= 1
        else { return nil }
        let count = wanted.first ?? 1
        if count == contents.count || count == 1 { return contents }
        guard contents.count == 1, count >= 0, count <= 64 else { return nil }
        return [Dim](repeating: contents[0], count: count)
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let wanted = try context.required(inputs, 1).wholeNumbers(context)
        let broadcast = try Broadcast(context, [data.shape, wanted])
        return [
            try data.strided(
                context, shape: broadcast.shape, strides: broadcast.strides(for: data.shape))
        ]
    }
}
