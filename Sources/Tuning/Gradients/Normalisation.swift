/// BatchNormalization as it is run: y = (x - mean) / sqrt(variance + epsilon) * scale + bias, by channel. Its parameters
/// stay as they are.
struct Normalisation: Step {
    let x: Int
    let y: Int
    let shape: MapShape
    private let scales: [Float]
    private let offsets: [Float]

    init(_ source: StepSource) throws(TuningError) {
        x = try source.operand(0)
        y = source.result
        shape = source.shape(y)
        guard let trains = try? source.context.flag("training_mode", default: false), !trains else {
            throw source.unsupported
        }
        let epsilon = try source.number("epsilon", default: 1e-5)
        let (scale, bias) = (try source.constant(1), try source.constant(2))
        let (mean, variance) = (try source.constant(3), try source.constant(4))
        guard [scale, bias, mean, variance].allSatisfy({ $0.count == source.shape(source.result).channels })
        else { throw source.unsupported }
        let scales = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
        self.scales = scales
        offsets = bias.indices.map { bias[$0] - mean[$0] * scales[$0] }
    }

    func forward(_ tape: Tape) {
        let (from, to) = (tape.value(x), tape.value(y))
        let row = shape.pixels * tape.images
        for channel in 0..<shape.channels {
            let (scale, offset) = (scales[channel], offsets[channel])
            for place in (channel * row)..<((channel + 1) * row) { to[place] = from[place] * scale + offset }
        }
    }

    func backward(_ tape: Tape) {
        guard let from = tape.gradient(y), let to = tape.gradient(x) else { return }
        let row = shape.pixels * tape.images
        for channel in 0..<shape.channels {
            let scale = scales[channel]
            for place in (channel * row)..<((channel + 1) * row) { to[place] += from[place] * scale }
        }
    }
}
