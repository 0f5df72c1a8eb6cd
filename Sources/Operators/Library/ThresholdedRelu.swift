import GraphIR

/// `ThresholdedRelu`: y = x for x > alpha, 0 otherwise, elementwise (ONNX ThresholdedRelu-10, 22).
public struct ThresholdedRelu: ElementwiseUnary {
    public let name = "ThresholdedRelu"
    public let versions = [10, 22]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 1))
        return { $0 > alpha ? $0 : 0 }
    }
}
