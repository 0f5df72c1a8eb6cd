/// Mul: y = a b.
enum Mul: PairFunction {
    static func value(_ a: Float, _ b: Float) -> Float { a * b }
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (b, a) }
}
