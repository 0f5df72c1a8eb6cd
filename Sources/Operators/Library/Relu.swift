import GraphIR

/// `Relu`: y = max(x, 0), elementwise (ONNX Relu-1, 6, 13, 14).
public struct Relu: ElementwiseUnary {
    public let name = "Relu"
    public let versions = [1, 6, 13, 14]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0 < 0 ? 0 : $0 }
    }

    public func integerFunction(_ context: OperatorContext) -> ((Int) -> Int)? {
        { max($0, 0) }
    }
}
