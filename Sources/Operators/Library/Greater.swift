import GraphIR

/// `Greater`: C = A > B, elementwise with broadcasting, as booleans (ONNX Greater-7, 9, 13).
public struct Greater: Comparison {
    public let name = "Greater"
    public let versions = [7, 9, 13]

    public func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a > b }
}
