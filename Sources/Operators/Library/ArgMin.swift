/// `ArgMin`: where along an axis the smallest element is (ONNX ArgMin-1, 11, 12, 13).
public struct ArgMin: ArgReduction {
    public let name = "ArgMin"
    public let versions = [1, 11, 12, 13]

    public func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a < b }
}
