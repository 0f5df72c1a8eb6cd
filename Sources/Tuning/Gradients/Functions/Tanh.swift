#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tanh: y' = 1 - y^2.
struct Tanh: ScalarFunction {
    func value(_ x: Float) -> Float { tanhf(x) }
    func slope(_ x: Float, _ y: Float) -> Float { 1 - y * y }
}
