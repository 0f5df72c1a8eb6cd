import GraphIR

/// `Ceil`: y = the smallest integer >= x, elementwise (ONNX Ceil-1, 6, 13).
public struct Ceil: ElementwiseUnary {
    public let name = "Ceil"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0.rounded(.up) }
    }
}
