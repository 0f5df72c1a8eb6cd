import GraphIR

/// `Relu`: y = max(x, 0), elementwise (ONNX Relu-1, 6, 13, 14).
public struct Relu: Operator {
    public let name = "Relu"
    public let versions = [1, 6, 13, 14]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 6
            ? OperatorSchema(inputs: 1...1, .optional("consumed_inputs", .ints))
            : OperatorSchema(inputs: 1...1)
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        [try context.required(inputs, 0).mapFloatingPoint(context) { $0 < 0 ? 0 : $0 }]
    }
}
