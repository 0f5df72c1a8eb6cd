/// Div: y = a / b; dy/da = 1 / b, dy/db = -y / b.
enum Div: PairFunction {
    static func value(_ a: Float, _ b: Float) -> Float { a / b }
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (1 / b, -y / b) }
}
