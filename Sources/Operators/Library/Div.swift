import GraphIR

/// `Div`: C = A / B, integers truncated towards zero, elementwise with broadcasting (ONNX Div-7, 13, 14).
public struct Div: ElementwiseBinary {
    public let name = "Div"
    public let versions = [7, 13, 14]

    public func real(_ a: Double, _ b: Double) -> Double { a / b }

    public func integer(_ a: Int, _ b: Int) -> Int? {
        b == 0 ? nil : a.dividedReportingOverflow(by: b).partialValue
    }

    public func extent(_ a: Dim, _ b: Dim) -> Dim { a.divided(by: b) }

    /// A bias or scale. A single value is a constant of the computation, not a parameter.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { constant.elementCount > 1 }
}
