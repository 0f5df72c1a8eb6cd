/// Relu: y = max(x, 0); y' = 1 for x > 0, else 0.
struct Relu: ScalarFunction {
    func value(_ x: Float) -> Float { x > 0 ? x : 0 }
    func slope(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : 0 }
}
