/// HardSwish: y = x max(0, min(1, x / 6 + 1 / 2)); y' = 0 below -3, 1 above 3, x / 3 + 1 / 2 between.
struct HardSwish: ScalarFunction {
    func value(_ x: Float) -> Float { x * max(0, min(1, x / 6 + 0.5)) }
    func slope(_ x: Float, _ y: Float) -> Float { x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5 }
}
