/// Identity, and Dropout as it is run: y = x; y' = 1.
struct Identity: ScalarFunction {
    func value(_ x: Float) -> Float { x }
    func slope(_ x: Float, _ y: Float) -> Float { 1 }
}
