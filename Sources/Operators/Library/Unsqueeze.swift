import GraphIR

/// `Unsqueeze`: axes of extent 1 inserted at the given positions of the output
/// (ONNX Unsqueeze-1, 11, 13, 21, 23).
///
/// The axes are an attribute before opset 13, input 1 from then on.
public struct Unsqueeze: Operator {
    public let name = "Unsqueeze"
    public let versions = [1, 11, 13, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 13
            ? OperatorSchema(inputs: 1...1, .required("axes", .ints)) : OperatorSchema(inputs: 2...2)
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else { return [data] }
        return [TensorType(data.elementType, try unsqueezed(context, shape))]
    }

    /// A scalar and a vector of one element have the same contents.
    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        guard let shape = context.shape(0), let result = try unsqueezed(context, shape), result.rank <= 1
        else { return nil }
        return context.extents(input: 0)
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        guard let shape = try unsqueezed(context, Shape(data.shape))?.extents,
            let result = data.reshaped(to: shape)
        else { throw context.error(.contents, "axes must be a list of integers") }
        return [result]
    }

    /// - Returns: nil if the axes are unknown.
    private func unsqueezed(_ context: OperatorContext, _ shape: Shape) throws(OperatorError) -> Shape? {
        let isInput = context.opset >= 13
        guard let listed = isInput ? context.fixedExtents(input: 1) : try context.ints("axes") else {
            return nil
        }
        let axes = try context.axes(listed, rank: shape.rank + listed.count)
        var dims = shape.dims
        for axis in axes { dims.insert(1, at: axis) }
        return Shape(dims)
    }
}
