import GraphIR

/// `Squeeze`: axes of extent 1 left out (ONNX Squeeze-1, 11, 13, 21, 23).
///
/// The axes are an attribute before opset 13, input 1 from then on; without any, all axes of extent 1.
public struct Squeeze: Operator {
    public let name = "Squeeze"
    public let versions = [1, 11, 13, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 13
            ? OperatorSchema(inputs: 1...1, .optional("axes", .ints)) : OperatorSchema(inputs: 1...2)
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else { return [data] }
        return [TensorType(data.elementType, try squeezed(context, shape))]
    }

    /// A vector of one element and a scalar have the same contents.
    public func inferExtents(_ context: OperatorContext) -> [Dim]? { context.extents(input: 0) }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        guard let shape = try squeezed(context, Shape(data.shape))?.extents,
            let result = data.reshaped(to: shape)
        else { throw context.error(.contents, "axes must be a list of integers") }
        return [result]
    }

    /// - Returns: nil if the axes, or the extents that decide on them, are unknown.
    private func squeezed(_ context: OperatorContext, _ shape: Shape) throws(OperatorError) -> Shape? {
        let isInput = context.opset >= 13
        if isInput, context.hasInput(1), context.fixedExtents(input: 1) == nil { return nil }
        guard let listed = isInput ? context.fixedExtents(input: 1) : try context.ints("axes") else {
            guard shape.isStatic else { return nil }
            return Shape(shape.dims.filter { $0 != 1 })
        }
        let axes = try context.axes(listed, rank: shape.rank)
        for axis in axes where shape[axis].value ?? 1 != 1 {
            throw context.error(.shape, "axis \(axis) of \(shape) is not of extent 1")
        }
        return shape.reduced(over: axes, keeping: false)
    }
}
