/// Clip: y = min(max(x, low), high); y' = 1 between the bounds, else 0.
struct Clip: ScalarFunction {
    let low: Float
    let high: Float

    init(_ source: StepSource) throws(TuningError) {
        if source.context.opset < 11 {
            low = try source.number("min", default: -.infinity)
            high = try source.number("max", default: .infinity)
        } else {
            low = try Clip.bound(source, 1) ?? -.infinity
            high = try Clip.bound(source, 2) ?? .infinity
        }
    }

    private static func bound(_ source: StepSource, _ position: Int) throws(TuningError) -> Float? {
        source.context.hasInput(position) ? try source.constant(position).first : nil
    }

    func value(_ x: Float) -> Float { x < low ? low : x > high ? high : x }
    func slope(_ x: Float, _ y: Float) -> Float { x > low && x < high ? 1 : 0 }
}
