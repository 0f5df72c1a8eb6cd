import GraphIR

/// `Less`: C = A < B, elementwise with broadcasting, as booleans (ONNX Less-7, 9, 13).
public struct Less: Comparison {
    public let name = "Less"
    public let versions = [7, 9, 13]

    public func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a < b }
}
