/// `ArgMin`: the position of the smallest element along an axis (ONNX ArgMin-1, 11, 12, 13).
public struct ArgMin: ArgReduction {
    public let name = "ArgMin"
    public let versions = [1, 11, 12, 13]

    public func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a < b }
}
