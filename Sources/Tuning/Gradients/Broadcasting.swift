/// A differentiable function of two numbers.
protocol PairFunction: Sendable {
    /// y = f(a, b)
    static func value(_ a: Float, _ b: Float) -> Float

    /// dy/da and dy/db, where y = f(a, b).
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float)

    /// Writes y = f(a, b) for so many elements.
    static func apply(_ a: Run, _ b: Run, to y: UnsafeMutablePointer<Float>, count: Int)

    /// Adds `dy` times dy/da to `da`, and `dy` times dy/db to `db`.
    static func pass(
        _ dy: UnsafePointer<Float>, toA da: UnsafeMutablePointer<Float>?,
        toB db: UnsafeMutablePointer<Float>?,
        a: Run, b: Run, y: UnsafePointer<Float>, count: Int)
}

/// The elements of an operand: so many side by side, or one for all.
struct Run {
    let start: UnsafePointer<Float>
    /// 1, or 0 for one element.
    let step: Int
}

// The loops are requirements, so that every function has its own copies of them, with `value` and `slopes` in line.
extension PairFunction {
    static func apply(_ a: Run, _ b: Run, to y: UnsafeMutablePointer<Float>, count: Int) {
        let (left, right) = (a.start, b.start)
        if a.step == 1, b.step == 1 {
            for place in 0..<count { y[place] = value(left[place], right[place]) }
        } else {
            for place in 0..<count { y[place] = value(left[place * a.step], right[place * b.step]) }
        }
    }

    static func pass(
        _ dy: UnsafePointer<Float>, toA da: UnsafeMutablePointer<Float>?,
        toB db: UnsafeMutablePointer<Float>?,
        a: Run, b: Run, y: UnsafePointer<Float>, count: Int
    ) {
        let (left, right) = (a.start, b.start)
        let isWhole = a.step == 1 && b.step == 1
        if let da, isWhole {
            for place in 0..<count { da[place] += dy[place] * slopes(left[place], right[place], y[place]).0 }
        } else if let da {
            for place in 0..<count {
                let at = place * a.step
                da[at] += dy[place] * slopes(left[at], right[place * b.step], y[place]).0
            }
        }
        if let db, isWhole {
            for place in 0..<count { db[place] += dy[place] * slopes(left[place], right[place], y[place]).1 }
        } else if let db {
            for place in 0..<count {
                let at = place * b.step
                db[at] += dy[place] * slopes(left[place * a.step], right[at], y[place]).1
            }
        }
    }
}

/// y = f(a, b), elementwise; each operand is broadcast to y along whole axes: images, channels, or all pixels.
struct Broadcasting<Function: PairFunction>: Step {
    let a: Operand
    let b: Operand
    let y: Int
    let shape: MapShape

    /// An operand, and the axes along which it has one element for all.
    struct Operand: Sendable {
        let slot: Int
        let isBatched: Bool
        let hasChannels: Bool
        let hasPixels: Bool
        /// Elements of one channel of one image.
        let pixels: Int

        init(_ position: Int, _ source: StepSource, within result: MapShape) throws(TuningError) {
            slot = try source.operand(position)
            let shape = source.shape(slot)
            isBatched = source.slots[slot].origin.isBatched
            hasChannels = shape.channels > 1
            hasPixels = shape.pixels > 1
            pixels = shape.pixels
            guard shape.channels == result.channels || !hasChannels,
                shape.pixels == 1 || (shape.height, shape.width) == (result.height, result.width)
            else { throw source.unsupported }
        }

        /// Where the elements for a channel of an image begin.
        func start(channel: Int, image: Int, images: Int) -> Int {
            ((hasChannels ? channel : 0) * (isBatched ? images : 1) + (isBatched ? image : 0)) * pixels
        }

        var step: Int { hasPixels ? 1 : 0 }
    }

    init(_ source: StepSource) throws(TuningError) {
        y = source.result
        shape = source.shape(y)
        a = try Operand(0, source, within: shape)
        b = try Operand(1, source, within: shape)
    }

    func forward(_ tape: Tape) {
        let (first, second, result) = (tape.value(a.slot), tape.value(b.slot), tape.value(y))
        forEachRow(tape.images) { rowA, rowB, row in
            Function.apply(
                Run(start: first + rowA, step: a.step), Run(start: second + rowB, step: b.step),
                to: result + row,
                count: shape.pixels)
        }
    }

    func backward(_ tape: Tape) {
        guard let slope = tape.gradient(y) else { return }
        let (first, second, result) = (tape.value(a.slot), tape.value(b.slot), tape.value(y))
        let (toFirst, toSecond) = (tape.gradient(a.slot), tape.gradient(b.slot))
        forEachRow(tape.images) { rowA, rowB, row in
            Function.pass(
                slope + row, toA: toFirst.map { $0 + rowA }, toB: toSecond.map { $0 + rowB },
                a: Run(start: first + rowA, step: a.step), b: Run(start: second + rowB, step: b.step),
                y: result + row, count: shape.pixels)
        }
    }

    /// Calls `body` with the places of each channel of each image in both operands and in the result.
    private func forEachRow(_ images: Int, _ body: (Int, Int, Int) -> Void) {
        for channel in 0..<shape.channels {
            for image in 0..<images {
                body(
                    a.start(channel: channel, image: image, images: images),
                    b.start(channel: channel, image: image, images: images),
                    (channel * images + image) * shape.pixels)
            }
        }
    }
}
