/// Min of two operands: the smaller one gets the slope; of equal ones, the first.
enum Min: PairFunction {
    static func value(_ a: Float, _ b: Float) -> Float { a <= b ? a : b }
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float) { a <= b ? (1, 0) : (0, 1) }
}
