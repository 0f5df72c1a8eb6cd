import GraphIR

/// `Sign`: y = 1 for x > 0, -1 for x < 0, x otherwise, elementwise (ONNX Sign-9, 13).
public struct Sign: ElementwiseUnary {
    public let name = "Sign"
    public let versions = [9, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    }

    public func integerFunction(_ context: OperatorContext) -> ((Int) -> Int)? {
        { $0.signum() }
    }
}
