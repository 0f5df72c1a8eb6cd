#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Elu: y = x for x >= 0, alpha (exp(x) - 1) below; y' = 1, or y + alpha.
struct Elu: ScalarFunction {
    let alpha: Float

    init(_ source: StepSource) throws(TuningError) { alpha = try source.number("alpha", default: 1) }

    func value(_ x: Float) -> Float { x < 0 ? alpha * expm1f(x) : x }
    func slope(_ x: Float, _ y: Float) -> Float { x < 0 ? y + alpha : 1 }
}
