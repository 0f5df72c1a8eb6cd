/// LeakyRelu: y = x for x >= 0, alpha x below; y' = 1 or alpha.
struct LeakyRelu: ScalarFunction {
    let alpha: Float

    init(_ source: StepSource) throws(TuningError) { alpha = try source.number("alpha", default: 0.01) }

    func value(_ x: Float) -> Float { x < 0 ? alpha * x : x }
    func slope(_ x: Float, _ y: Float) -> Float { x < 0 ? alpha : 1 }
}
