import GraphIR

/// `IsNaN`: whether x is NaN, elementwise, as booleans (ONNX IsNaN-9, 13, 20).
public struct IsNaN: ElementwisePredicate {
    public let name = "IsNaN"
    public let versions = [9, 13, 20]

    public func holds(_ context: OperatorContext) -> (Double) -> Bool { \.isNaN }
}
