import GraphIR

/// `HardSigmoid`: y = max(0, min(1, alpha * x + beta)), elementwise (ONNX HardSigmoid-1, 6, 22).
public struct HardSigmoid: ElementwiseUnary {
    public let name = "HardSigmoid"
    public let versions = [1, 6, 22]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float), .optional("beta", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 0.2))
        let beta = Double(try context.float("beta", default: 0.5))
        return { max(0, min(1, alpha * $0 + beta)) }
    }
}
