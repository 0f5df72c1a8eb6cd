import GraphIR

/// `HardSwish`: y = x * max(0, min(1, x / 6 + 1 / 2)), elementwise (ONNX HardSwish-14, 22).
public struct HardSwish: ElementwiseUnary {
    public let name = "HardSwish"
    public let versions = [14, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0 * max(0, min(1, $0 / 6 + 0.5)) }
    }
}
