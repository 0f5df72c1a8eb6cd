/// A differentiable function of one number.
protocol ScalarFunction: Sendable {
    /// y = f(x)
    func value(_ x: Float) -> Float

    /// dy/dx, where y = f(x). At a kink, one of the two slopes.
    func slope(_ x: Float, _ y: Float) -> Float

    /// Writes y = f(x) for so many elements.
    func apply(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int)

    /// Adds `dy` times dy/dx to `dx`.
    func pass(
        _ dy: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>,
        y: UnsafePointer<Float>, count: Int)
}

// The loops are requirements, so that every function has its own copies of them, with `value` and `slope` in line.
extension ScalarFunction {
    func apply(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        for place in 0..<count { y[place] = value(x[place]) }
    }

    func pass(
        _ dy: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>,
        y: UnsafePointer<Float>, count: Int
    ) {
        for place in 0..<count { dx[place] += dy[place] * slope(x[place], y[place]) }
    }
}

/// y = f(x), elementwise.
struct Elementwise<Function: ScalarFunction>: Step {
    let function: Function
    let x: Int
    let y: Int
    /// Elements of one image.
    let elements: Int

    init(_ function: Function, _ source: StepSource) throws(TuningError) {
        self.function = function
        x = try source.operand(0)
        y = source.result
        elements = source.shape(y).elements
    }

    func forward(_ tape: Tape) {
        function.apply(tape.value(x), to: tape.value(y), count: elements * tape.images)
    }

    func backward(_ tape: Tape) {
        guard let from = tape.gradient(y), let to = tape.gradient(x) else { return }
        function.pass(from, to: to, x: tape.value(x), y: tape.value(y), count: elements * tape.images)
    }
}
