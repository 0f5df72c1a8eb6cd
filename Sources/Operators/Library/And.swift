/// `And`: C = A && B, on booleans with broadcasting (ONNX And-7).
public struct And: Logical {
    public let name = "And"
    public let versions = [7]

    public func combine(_ a: Bool, _ b: Bool) -> Bool { a && b }
}
