/// A differentiable function of one number.
protocol ScalarFunction: Sendable {
    /// y = f(x)
    func value(_ x: Float) -> Float

    /// dy/dx, where y = f(x). At a kink, one of the two slopes.
    func slope(_ x: Float, _ y: Float) -> Float
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
        let (from, to) = (tape.value(x), tape.value(y))
        for place in 0..<(elements * tape.images) { to[place] = function.value(from[place]) }
    }

    func backward(_ tape: Tape) {
        guard let from = tape.gradient(y), let to = tape.gradient(x) else { return }
        let (argument, result) = (tape.value(x), tape.value(y))
        for place in 0..<(elements * tape.images) {
            to[place] += from[place] * function.slope(argument[place], result[place])
        }
    }
}
