/// Conv with one filter for each channel, in direct loops over the taps:
///
///     y[o] += w[t] x[o s + t d - p]    dw[t] += sum dy[o] x[o s + t d - p]    dx[o s + t d - p] += w[t] dy[o]
struct DepthwiseConvolution: Step {
    private let geometry: ConvolutionGeometry

    init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    func forward(_ tape: Tape) {
        geometry.fillBias(tape)
        let (x, weights, y) = (tape.value(geometry.x), tape.value(geometry.weights), tape.value(geometry.y))
        let step = geometry.window.strides[1]
        forEachStretch(tape.images) { weight, source, target, count in
            let factor = weights[weight]
            let (from, to) = (x + source, y + target)
            for place in 0..<count { to[place] += factor * from[place * step] }
        }
    }

    func backward(_ tape: Tape) {
        guard let slope = tape.gradient(geometry.y) else { return }
        geometry.passBias(tape)
        let (x, weights) = (tape.value(geometry.x), tape.value(geometry.weights))
        let step = geometry.window.strides[1]
        if let target = tape.gradient(geometry.weights) {
            forEachStretch(tape.images) { weight, source, result, count in
                let (from, dy) = (x + source, slope + result)
                var sum: Float = 0
                for place in 0..<count { sum += dy[place] * from[place * step] }
                target[weight] += sum
            }
        }
        if let target = tape.gradient(geometry.x) {
            forEachStretch(tape.images) { weight, source, result, count in
                let factor = weights[weight]
                let (to, dy) = (target + source, slope + result)
                for place in 0..<count { to[place * step] += factor * dy[place] }
            }
        }
    }

    /// Calls `body` with the place of a weight, and those of the first elements that it maps in x and in y, for each
    /// tap and each row of y, with the number of elements.
    @inline(__always)
    private func forEachStretch(_ images: Int, _ body: (Int, Int, Int, Int) -> Void) {
        let (input, output, window) = (geometry.input, geometry.output, geometry.window)
        let (down, across) = (window.strides[0], window.strides[1])
        for channel in 0..<output.channels {
            for tapRow in 0..<window.kernel[0] {
                for tapColumn in 0..<window.kernel[1] {
                    let weight = channel * geometry.taps + tapRow * window.kernel[1] + tapColumn
                    let left = tapColumn * window.dilations[1] - window.padBegin[1]
                    let first = left < 0 ? (across - 1 - left) / across : 0
                    let end = left < input.width ? (input.width - 1 - left) / across + 1 : 0
                    let count = min(output.width, end) - first
                    guard count > 0 else { continue }
                    for image in 0..<images {
                        let plane = channel * images + image
                        for row in 0..<output.height {
                            let y = row * down + tapRow * window.dilations[0] - window.padBegin[0]
                            guard y >= 0, y < input.height else { continue }
                            body(
                                weight, plane * input.pixels + y * input.width + left + first * across,
                                plane * output.pixels + row * output.width + first, count)
                        }
                    }
                }
            }
        }
    }
}
