/// GlobalAveragePool, and ReduceMean over height and width: [C, n, H, W] -> [C, n, 1, 1].
struct GlobalMean: Step {
    let x: Int
    let y: Int
    let shape: MapShape

    init(_ source: StepSource) throws(TuningError) {
        x = try source.operand(0)
        y = source.result
        shape = source.shape(x)
        guard source.node.isOperator("ReduceMean") else { return }
        let listed =
            source.context.opset < 18
            ? (try? source.context.ints("axes")) ?? nil : source.context.integers(input: 1)
        guard let listed, let axes = try? source.context.axes(listed, rank: 4), axes == [2, 3],
            source.shape(y) == MapShape(channels: shape.channels, height: 1, width: 1)
        else { throw source.unsupported }
    }

    func forward(_ tape: Tape) {
        let (from, to) = (tape.value(x), tape.value(y))
        let pixels = shape.pixels
        for row in 0..<(shape.channels * tape.images) {
            to[row] = (from + row * pixels).sum(pixels) / Float(pixels)
        }
    }

    func backward(_ tape: Tape) {
        guard let from = tape.gradient(y), let to = tape.gradient(x) else { return }
        let pixels = shape.pixels
        for row in 0..<(shape.channels * tape.images) {
            let share = from[row] / Float(pixels)
            for place in (row * pixels)..<((row + 1) * pixels) { to[place] += share }
        }
    }
}

extension UnsafeMutablePointer<Float> {
    /// The sum of the first elements, in eight partial sums that vector instructions add to.
    func sum(_ count: Int) -> Float {
        var sums = SIMD8<Float>()
        var place = 0
        while place + 8 <= count {
            sums += UnsafeRawPointer(self + place).loadUnaligned(as: SIMD8<Float>.self)
            place += 8
        }
        var total = sums.sum()
        while place < count {
            total += self[place]
            place += 1
        }
        return total
    }
}
