import GraphIR

/// `GreaterOrEqual`: C = A >= B, elementwise with broadcasting, as booleans (ONNX GreaterOrEqual-12, 16).
public struct GreaterOrEqual: Comparison {
    public let name = "GreaterOrEqual"
    public let versions = [12, 16]

    public func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a >= b }
}
