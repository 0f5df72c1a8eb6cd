/// `ArgMax`: the position of the largest element along an axis (ONNX ArgMax-1, 11, 12, 13).
public struct ArgMax: ArgReduction {
    public let name = "ArgMax"
    public let versions = [1, 11, 12, 13]

    public func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a > b }
}
