/// A differentiable function of two numbers.
protocol PairFunction: Sendable {
    /// y = f(a, b)
    static func value(_ a: Float, _ b: Float) -> Float

    /// dy/da and dy/db, where y = f(a, b).
    static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float)
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
            let (left, right, to) = (first + rowA, second + rowB, result + row)
            for pixel in 0..<shape.pixels {
                to[pixel] = Function.value(left[pixel * a.step], right[pixel * b.step])
            }
        }
    }

    func backward(_ tape: Tape) {
        guard let slope = tape.gradient(y) else { return }
        let (first, second, result) = (tape.value(a.slot), tape.value(b.slot), tape.value(y))
        let (toFirst, toSecond) = (tape.gradient(a.slot), tape.gradient(b.slot))
        forEachRow(tape.images) { rowA, rowB, row in
            let (left, right, value, from) = (first + rowA, second + rowB, result + row, slope + row)
            if let toFirst {
                for pixel in 0..<shape.pixels {
                    let at = pixel * a.step
                    let slopes = Function.slopes(left[at], right[pixel * b.step], value[pixel])
                    toFirst[rowA + at] += from[pixel] * slopes.0
                }
            }
            if let toSecond {
                for pixel in 0..<shape.pixels {
                    let at = pixel * b.step
                    let slopes = Function.slopes(left[pixel * a.step], right[at], value[pixel])
                    toSecond[rowB + at] += from[pixel] * slopes.1
                }
            }
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
