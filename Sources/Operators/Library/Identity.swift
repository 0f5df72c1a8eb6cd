import GraphIR

/// `Identity`: the input unchanged (ONNX Identity-1, 13, 14, 16, 19, 21, 23).
public struct Identity: Operator {
    public let name = "Identity"
    public let versions = [1, 13, 14, 16, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? { context.extents(input: 0) }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        [try context.required(inputs, 0)]
    }
}
