/// `Or`: C = A || B, on booleans with broadcasting (ONNX Or-7).
public struct Or: Logical {
    public let name = "Or"
    public let versions = [7]

    public func combine(_ a: Bool, _ b: Bool) -> Bool { a || b }
}
