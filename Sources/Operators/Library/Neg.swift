import GraphIR

/// `Neg`: y = -x, elementwise (ONNX Neg-1, 6, 13).
public struct Neg: ElementwiseUnary {
    public let name = "Neg"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { -$0 }
    }

    public func integerFunction(_ context: OperatorContext) -> ((Int) -> Int)? {
        { 0 &- $0 }
    }
}
