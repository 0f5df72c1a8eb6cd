import GraphIR

/// `Round`: y = the nearest integer, halves to the even one, elementwise (ONNX Round-11, 22).
public struct Round: ElementwiseUnary {
    public let name = "Round"
    public let versions = [11, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0.rounded(.toNearestOrEven) }
    }
}
