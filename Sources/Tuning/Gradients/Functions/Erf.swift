#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Erf: the error function; y' = 2 / sqrt(pi) exp(-x^2).
struct Erf: ScalarFunction {
    private static let scale = Float(2 / Double.pi.squareRoot())

    func value(_ x: Float) -> Float { erff(x) }
    func slope(_ x: Float, _ y: Float) -> Float { Erf.scale * expf(-x * x) }
}
