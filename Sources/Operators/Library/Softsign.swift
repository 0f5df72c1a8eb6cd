import GraphIR

/// `Softsign`: y = x / (1 + |x|), elementwise (ONNX Softsign-1, 22).
public struct Softsign: ElementwiseUnary {
    public let name = "Softsign"
    public let versions = [1, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0 / (1 + abs($0)) }
    }
}
