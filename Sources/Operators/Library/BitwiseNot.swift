import GraphIR

/// `BitwiseNot`: y = ~x, elementwise on integers (ONNX BitwiseNot-18).
public struct BitwiseNot: Operator {
    public let name = "BitwiseNot"
    public let versions = [18]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        return [try context.tensor(x.elementType, x.shape, integers: try x.bitPatterns(context).map { ~$0 })]
    }
}
