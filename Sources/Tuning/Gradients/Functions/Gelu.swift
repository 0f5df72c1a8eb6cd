#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Gelu: y = x / 2 (1 + erf(x / sqrt 2)), or with `approximate` = `tanh`
/// y = x / 2 (1 + tanh(c (x + a x^3))), c = sqrt(2 / pi), a = 0.044715.
struct Gelu: ScalarFunction {
    private static let cubic: Float = 0.044715
    private static let inner = Float((2 / Double.pi).squareRoot())
    private static let root = Float(0.5.squareRoot())
    private static let density = Float(1 / (2 * Double.pi).squareRoot())

    let isApproximate: Bool

    init(_ source: StepSource) throws(TuningError) {
        switch try? source.context.string("approximate") ?? "none" {
        case "none": isApproximate = false
        case "tanh": isApproximate = true
        default: throw source.unsupported
        }
    }

    func value(_ x: Float) -> Float {
        isApproximate ? x / 2 * (1 + tanhf(bend(x))) : x / 2 * (1 + erff(x * Gelu.root))
    }

    func slope(_ x: Float, _ y: Float) -> Float {
        guard isApproximate else {
            return (1 + erff(x * Gelu.root)) / 2 + x * Gelu.density * expf(-x * x / 2)
        }
        let t = tanhf(bend(x))
        return (1 + t) / 2 + x / 2 * (1 - t * t) * Gelu.inner * (1 + 3 * Gelu.cubic * x * x)
    }

    private func bend(_ x: Float) -> Float { Gelu.inner * (x + Gelu.cubic * x * x * x) }
}
