import GraphIR

/// `Add`: C = A + B, elementwise with broadcasting (ONNX Add-7, 13, 14).
public struct Add: ElementwiseBinary {
    public let name = "Add"
    public let versions = [7, 13, 14]

    public func real(_ a: Double, _ b: Double) -> Double { a + b }

    public func integer(_ a: Int, _ b: Int) -> Int? { a &+ b }

    public func extent(_ a: Dim, _ b: Dim) -> Dim { a.plus(b) }

    /// A bias or scale. A single value is a constant of the computation, not a parameter.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { constant.elementCount > 1 }
}
