import GraphIR

/// `LeakyRelu`: y = x for x >= 0, alpha * x below, elementwise (ONNX LeakyRelu-1, 6, 16).
public struct LeakyRelu: ElementwiseUnary {
    public let name = "LeakyRelu"
    public let versions = [1, 6, 16]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 0.01))
        return { $0 < 0 ? alpha * $0 : $0 }
    }
}
