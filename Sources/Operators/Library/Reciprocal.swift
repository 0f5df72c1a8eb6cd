import GraphIR

/// `Reciprocal`: y = 1 / x, elementwise (ONNX Reciprocal-1, 6, 13).
public struct Reciprocal: ElementwiseUnary {
    public let name = "Reciprocal"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { 1 / $0 }
    }
}
