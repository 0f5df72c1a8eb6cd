import GraphIR

/// `LessOrEqual`: C = A <= B, elementwise with broadcasting, as booleans (ONNX LessOrEqual-12, 16).
public struct LessOrEqual: Comparison {
    public let name = "LessOrEqual"
    public let versions = [12, 16]

    public func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a <= b }
}
