import GraphIR

/// `Sqrt`: y = sqrt(x), NaN below 0, elementwise (ONNX Sqrt-1, 6, 13).
public struct Sqrt: ElementwiseUnary {
    public let name = "Sqrt"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0.squareRoot() }
    }
}
