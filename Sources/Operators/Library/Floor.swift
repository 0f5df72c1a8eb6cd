import GraphIR

/// `Floor`: y = the largest integer <= x, elementwise (ONNX Floor-1, 6, 13).
public struct Floor: ElementwiseUnary {
    public let name = "Floor"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0.rounded(.down) }
    }
}
