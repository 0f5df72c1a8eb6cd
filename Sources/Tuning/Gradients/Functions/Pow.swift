#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Pow with a constant exponent: y = a^b; dy/da = b a^(b - 1). The exponent has no gradient.
enum Pow: PairFunction {
    static func value(_ a: Float, _ b: Float) -> Float { powf(a, b) }
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (b * powf(a, b - 1), 0) }
}
