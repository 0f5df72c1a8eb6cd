/// `Xor`: C = A != B, on booleans with broadcasting (ONNX Xor-7).
public struct Xor: Logical {
    public let name = "Xor"
    public let versions = [7]

    public func combine(_ a: Bool, _ b: Bool) -> Bool { a != b }
}
