import GraphIR

/// `Not`: y = !x, on booleans (ONNX Not-1).
public struct Not: Operator {
    public let name = "Not"
    public let versions = [1]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        return [try Tensor(shape: x.shape, try x.elements(of: Bool.self).map { !$0 })]
    }
}
