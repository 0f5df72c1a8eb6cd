#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Softplus: y = log(1 + exp(x)); y' = 1 / (1 + exp(-x)).
struct Softplus: ScalarFunction {
    func value(_ x: Float) -> Float { max(x, 0) + log1pf(expf(-abs(x))) }
    func slope(_ x: Float, _ y: Float) -> Float { 1 / (1 + expf(-x)) }
}
