/// Sub: y = a - b.
enum Sub: PairFunction {
    static func value(_ a: Float, _ b: Float) -> Float { a - b }
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { (1, -1) }
}
