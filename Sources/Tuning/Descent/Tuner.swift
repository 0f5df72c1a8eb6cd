import GraphIR
import Runtime

/// Tunes the parameters of a program so that its output comes nearer to given maps.
///
/// The loss is ||y - target||^2 / ||target||^2. A batch is divided into pieces of a few images; one thread runs a piece
/// forwards and backwards, and the pieces' gradients are added in their order. The result therefore does not depend on
/// the number of threads.
package struct Tuner {
    /// The result: the best parameters that were seen.
    package struct Tuned: Sendable {
        /// The elements of each parameter of the program.
        package let parameters: [[Float]]
        /// The loss on the judging images before and after.
        package let before: Double
        package let after: Double
        /// The steps that were done.
        package let steps: Int
    }

    private let program: Program
    private let data: TuningData
    private let settings: TuningSettings
    private let workers: Workers
    private let parameters: FloatBuffer
    private let tapes: [Tape]
    /// The gradients of each piece of a batch.
    private let gradients: [FloatBuffer]
    private let batch: Int
    private let steps: Int
    /// Images of a piece.
    private let pieceImages: Int

    /// A piece has at most so many images, and fewer if its largest map would have more elements than this: 4 MiB, of which
    /// some share of a processor's caches can be expected to hold the most.
    private static let pieceLimit = (images: 4, elements: 1 << 20)
    /// Parameters that one thread updates at a time.
    private static let stretch = 1 << 12

    package init(_ program: Program, _ data: TuningData, _ settings: TuningSettings, _ workers: Workers) {
        (self.program, self.data, self.settings, self.workers) = (program, data, settings, workers)
        batch = settings.batch(pixels: program.outputShape.pixels, images: data.fitted.count)
        steps = max(1, settings.steps(work: program.work, batch: batch))
        let parameters = FloatBuffer(program.parameters.flatMap(\.start))
        let limit = Tuner.pieceLimit
        let pieceImages = max(1, min(limit.images, limit.elements / max(1, program.largestMap)))
        self.pieceImages = pieceImages
        let pieces = Tuner.pieces(batch, of: pieceImages)
        let gradients = (0..<max(1, pieces)).map { _ in FloatBuffer(count: parameters.count) }
        (self.parameters, self.gradients) = (parameters, gradients)
        tapes = (0..<max(1, workers.count)).map { _ in
            Tape(program, parameters: parameters, gradients: gradients[0], images: pieceImages)
        }
    }

    /// Tunes the parameters.
    ///
    /// - Parameter progress: called after each step with the share of all steps that is done.
    /// - Returns: nil if nothing better was found, or there is nothing to compare with.
    /// - Throws: what reading the data throws.
    package func tune(
        using generator: inout some RandomNumberGenerator, progress: (Double) -> Void = { _ in }
    ) throws -> Tuned? {
        let (lost, whole) = try judge()
        guard whole > 0, lost.isFinite, !data.fitted.isEmpty else { return nil }
        // Of one image; the loss is relative to it.
        let norm = whole / Double(data.judging.count)
        var adam = Adam(parameters: parameters.count, settings)
        var order = BatchOrder(images: data.fitted.count)
        var best = (lost: lost, parameters: parameters.elements, step: 0)
        var misses = 0
        let interval = max(1, steps / max(1, settings.looks))
        for step in 1...steps {
            let images = order.next(batch, using: &generator).map { data.fitted[$0] }
            try descend(images, &adam, norm: norm, step: step - 1)
            progress(Double(step) / Double(steps))
            guard step % interval == 0 || step == steps else { continue }
            let (found, _) = try judge()
            // A number that is not finite is no better.
            guard found < best.lost else {
                misses += 1
                if misses < settings.patience { continue }
                break
            }
            best = (found, parameters.elements, step)
            misses = 0
        }
        guard best.step > 0 else { return nil }
        let elements = best.parameters
        return Tuned(
            parameters: program.parameters.map { Array(elements[$0.offset..<($0.offset + $0.count)]) },
            before: lost / whole, after: best.lost / whole, steps: best.step)
    }

    /// One step on a batch of images.
    private func descend(
        _ images: [TuningData.Image], _ adam: inout Adam, norm: Double, step: Int
    ) throws {
        let scale = Float(2 / (norm * Double(images.count)))
        try forEachPiece(images) { piece, tape, images in
            let gradient = gradients[piece]
            gradient.clear()
            tape.parameterGradients = gradient
            try data.load(images, program, tape)
            program.forward(tape)
            let output = program.output(of: tape)
            try program.backward(tape) { slope in
                try data.compare(images, program.outputShape) { target, place, count in
                    for pixel in 0..<count {
                        slope[place + pixel] = scale * (output[place + pixel] - target[pixel])
                    }
                }
            }
        }
        adam.advance()
        update(adam, pieces: Tuner.pieces(images.count, of: pieceImages), step: step)
    }

    /// Adds the pieces' gradients, and moves the parameters.
    private func update(_ adam: Adam, pieces: Int, step: Int) {
        for parameter in program.parameters {
            let end = parameter.offset + parameter.tuned
            let starts = Array(stride(from: parameter.offset, to: end, by: Tuner.stretch))
            let (gradients, parameters) = (gradients, parameters)
            let rate = settings.rate(step: step, of: steps, fanIn: parameter.fanIn)
            workers.forEach(starts.count) { index in
                let range = starts[index]..<min(starts[index] + Tuner.stretch, end)
                let sum = gradients[0].start + range.lowerBound
                for piece in gradients[1..<pieces] {
                    let addend = piece.start + range.lowerBound
                    for place in 0..<range.count { sum[place] += addend[place] }
                }
                adam.update(range, of: parameters, gradient: sum, rate: rate)
            }
        }
    }

    /// ||y - target||^2 and ||target||^2 over the judging images.
    private func judge() throws -> (lost: Double, whole: Double) {
        let images = data.judging
        let sums = try forEachPiece(images) { _, tape, images in
            try data.load(images, program, tape)
            program.forward(tape)
            let output = program.output(of: tape)
            var (lost, whole) = (0.0, 0.0)
            try data.compare(images, program.outputShape) { target, place, count in
                var (rowLost, rowWhole): (Float, Float) = (0, 0)
                for pixel in 0..<count {
                    let difference = output[place + pixel] - target[pixel]
                    rowLost += difference * difference
                    rowWhole += target[pixel] * target[pixel]
                }
                lost += Double(rowLost)
                whole += Double(rowWhole)
            }
            return (lost, whole)
        }
        return sums.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    }

    private static func pieces(_ images: Int, of size: Int) -> Int { (images + size - 1) / size }

    /// Calls `body` with each piece of the images, and with a tape that no other piece uses meanwhile.
    ///
    /// - Returns: what `body` returned, piece by piece.
    @discardableResult
    private func forEachPiece<Result>(
        _ images: [TuningData.Image], _ body: (Int, Tape, ArraySlice<TuningData.Image>) throws -> Result
    ) throws -> [Result] {
        let pieces = Tuner.pieces(images.count, of: pieceImages)
        let lanes = min(tapes.count, pieces)
        nonisolated(unsafe) var results = [Swift.Result<Result, any Error>?](repeating: nil, count: pieces)
        withoutActuallyEscaping(body) { body in
            results.withUnsafeMutableBufferPointer { results in
                nonisolated(unsafe) let (results, tapes, body) = (results, tapes, body)
                let pieceImages = pieceImages
                workers.forEach(lanes) { lane in
                    for piece in stride(from: lane, to: pieces, by: lanes) {
                        let first = piece * pieceImages
                        let part = images[first..<min(first + pieceImages, images.count)]
                        results[piece] = Swift.Result { try body(piece, tapes[lane], part) }
                    }
                }
            }
        }
        return try results.compactMap { try $0?.get() }
    }
}
