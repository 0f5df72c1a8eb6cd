/// HardSigmoid: y = max(0, min(1, alpha x + beta)); y' = alpha between the bounds, else 0.
struct HardSigmoid: ScalarFunction {
    let alpha: Float
    let beta: Float

    init(_ source: StepSource) throws(TuningError) {
        alpha = try source.number("alpha", default: 0.2)
        beta = try source.number("beta", default: 0.5)
    }

    func value(_ x: Float) -> Float { max(0, min(1, alpha * x + beta)) }
    func slope(_ x: Float, _ y: Float) -> Float { y > 0 && y < 1 ? alpha : 0 }
}
