import Operators

/// What a convolution's steps know of its node: [N, C, H, W] -> [N, M, OH, OW], weights [M, C / groups, kH, kW].
struct ConvolutionGeometry: Sendable {
    let x: Int
    let weights: Int
    let bias: Int?
    let y: Int
    let input: MapShape
    let output: MapShape
    let groups: Int
    let window: Window

    init(_ source: StepSource) throws(TuningError) {
        x = try source.operand(0)
        weights = try source.weights(1)
        bias = source.context.hasInput(2) ? try source.weights(2) : nil
        y = source.result
        (input, output) = (source.shape(x), source.shape(y))
        guard let shape = source.context.shape(1)?.extents, shape.count == 4,
            let groups = try? source.context.int("group", default: 1), groups > 0,
            let window = try? Window(
                source.context, kernel: Array(shape.suffix(2)), input: [input.height, input.width]),
            shape[0] == output.channels, shape[1] * groups == input.channels, output.channels % groups == 0
        else { throw source.unsupported }
        (self.groups, self.window) = (groups, window)
    }

    /// Whether each filter reads one channel, and no two the same.
    var isDepthwise: Bool { groups > 1 && groups == input.channels && groups == output.channels }

    /// Whether an output pixel is a product of the input pixel at the same place.
    var isPointwise: Bool {
        window.kernel == [1, 1] && window.strides == [1, 1] && window.padBegin == [0, 0]
            && window.padEnd == [0, 0]
    }

    /// The taps of a filter over one channel.
    var taps: Int { window.kernel[0] * window.kernel[1] }
    /// The channels that a group reads, and its filters.
    var depth: Int { input.channels / groups }
    var filters: Int { output.channels / groups }

    var macs: Int { output.elements * depth * taps }

    /// Fills the result with the bias.
    func fillBias(_ tape: Tape) {
        let to = tape.value(y)
        let row = output.pixels * tape.images
        for channel in 0..<output.channels {
            let value = bias.map { tape.value($0)[channel] } ?? 0
            (to + channel * row).update(repeating: value, count: row)
        }
    }

    /// The bias gets the sum of each channel's slopes.
    func passBias(_ tape: Tape) {
        guard let bias, let to = tape.gradient(bias), let from = tape.gradient(y) else { return }
        let row = output.pixels * tape.images
        for channel in 0..<output.channels { to[channel] += (from + channel * row).sum(row) }
    }
}
