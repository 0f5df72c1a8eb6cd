import GraphIR

/// `ScatterElements`: `data` with elements replaced by, or combined with, `updates` at the positions
/// `indices` along an axis (ONNX ScatterElements-11, 13, 16, 18).
///
/// indices and updates have one shape; output[indices[i][j]][j] = updates[i][j] for axis 0, and so on.
public struct ScatterElements: Operator {
    public let name = "ScatterElements"
    public let versions = [11, 13, 16, 18]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 16
            ? OperatorSchema(inputs: 3...3, .optional("axis", .int))
            : OperatorSchema(inputs: 3...3, .optional("axis", .int), .optional("reduction", .string))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let indices = try context.required(inputs, 1)
        let updates = try context.required(inputs, 2)
        guard updates.shape == indices.shape else {
            throw context.error(.shape, "updates \(updates.type) do not fit indices \(indices.type)")
        }
        let places = try context.elementPlaces(indices, data.shape)
        return [
            try ScatterReduction(context).apply(context, data, updates, places: places, chunk: 1)
        ]
    }
}
