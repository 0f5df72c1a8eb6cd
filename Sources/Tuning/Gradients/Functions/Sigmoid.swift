#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sigmoid: y = 1 / (1 + exp(-x)); y' = y (1 - y).
struct Sigmoid: ScalarFunction {
    func value(_ x: Float) -> Float { 1 / (1 + expf(-x)) }
    func slope(_ x: Float, _ y: Float) -> Float { y * (1 - y) }
}
