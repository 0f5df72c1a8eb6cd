import GraphIR

/// `QuantizeLinear` in onnxruntime's domain, as its tools write it for types or opsets that ONNX's own lacks: the same
/// as ONNX's (com.microsoft QuantizeLinear-1).
public struct MicrosoftQuantizeLinear: Operator {
    public let name = "QuantizeLinear"
    public let domain = "com.microsoft"
    public let versions = [1]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...3, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try QuantizeLinear().inferTypes(context)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        try QuantizeLinear().evaluate(context, inputs)
    }
}
