import GraphIR

/// `DequantizeLinear` in onnxruntime's domain, as its tools write it for types or opsets that ONNX's own lacks: the same
/// as ONNX's (com.microsoft DequantizeLinear-1).
public struct MicrosoftDequantizeLinear: Operator {
    public let name = "DequantizeLinear"
    public let domain = "com.microsoft"
    public let versions = [1]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...3, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        DequantizeLinear().inferTypes(context)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        try DequantizeLinear().evaluate(context, inputs)
    }
}
