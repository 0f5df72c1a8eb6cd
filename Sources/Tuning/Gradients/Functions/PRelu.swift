/// PRelu: y = x for x >= 0, slope x below; the slope stays as it is.
enum PRelu: PairFunction {
    static func value(_ x: Float, _ slope: Float) -> Float { x < 0 ? slope * x : x }
    static func slopes(_ x: Float, _ slope: Float, _ y: Float) -> (Float, Float) {
        x < 0 ? (slope, x) : (1, 0)
    }
}
