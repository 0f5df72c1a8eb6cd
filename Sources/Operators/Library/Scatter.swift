import GraphIR

/// `Scatter`: the name of `ScatterElements` before opset 11 (ONNX Scatter-9; deprecated in 11).
public struct Scatter: Operator {
    public let name = "Scatter"
    public let versions = [9]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 3...3, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        try ScatterElements().evaluate(context, inputs)
    }
}
