import GraphIR

/// `Abs`: y = |x|, elementwise (ONNX Abs-1, 6, 13).
public struct Abs: ElementwiseUnary {
    public let name = "Abs"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { abs($0) }
    }

    public func integerFunction(_ context: OperatorContext) -> ((Int) -> Int)? {
        { $0 < 0 ? 0 &- $0 : $0 }
    }
}
