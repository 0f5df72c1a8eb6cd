import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// The values that the source computes in one block, at the sampled rows: the targets of the block's fits.
///
/// Only the fitted samples have rows. Hidden activations and pooled means are kept only for a block that will
/// be converted.
struct SourceRecord {
    /// For each layer but the last, by chunk: its results, rows x outputs.
    var results: [[SingleRows]]
    /// By chunk: the sum of body and shortcut before the activation, or the last layer's result if the block
    /// has no shortcut or other nodes follow that layer, rows x C.
    var sums: [SingleRows] = []
    /// By chunk: the shortcut, rows x C; only where a projection is fitted.
    var shortcuts: [SingleRows] = []
    /// For each hidden layer: the covariance of its activations over the rows.
    var covariances: [Matrix] = []
    /// For each hidden layer: the mean activations of each fitted sample, samples x units.
    var pooled: [Matrix] = []
    /// For each convolution that a channel attention begins with, by chunk: its results, samples x outputs.
    var squeezes: [NodeID: [SingleRows]] = [:]

    /// Runs the source's block on its own activations, which become those after the block.
    ///
    /// - Parameter isConverted: whether hidden activations are needed.
    init(
        _ part: BlockPart, _ fit: FitContext, moving source: inout ActivationStream, isConverted: Bool
    ) throws {
        let last = part.body.layers.count - 1
        let isFitted = fit.weights != .keep
        results = [[SingleRows]](repeating: [], count: isFitted ? last : 0)
        var taps: [BlockPart.Tap] = [.output]
        let needsShortcut = part.endsInSum || part.projection != nil
        if isFitted {
            taps += (0...last).map { .result(layer: $0) } + (needsShortcut ? [.shortcut] : [])
        }
        if isConverted { taps += (1...last).map { .input(layer: $0) } }
        let squeezed = isFitted && isConverted ? part.squeezes : []
        taps += squeezed.map { .between($0.result, layer: $0.layer) }
        let session = try part.session(try part.original, taps, fit.options)
        var moments = part.body.hidden.map { Moments(units: $0) }
        var means = part.body.hidden.map { _ in [Double]() }
        try source.update { chunk, x in
            let values = Dictionary(
                zip(taps, try session.run(["x": x])), uniquingKeysWith: { first, _ in first })
            guard fit.division.fitted.contains(chunk) else { return values[.output] ?? x }
            let first = fit.division.chunks[chunk].lowerBound
            func rows(_ tap: BlockPart.Tap) throws -> SingleRows? {
                try values[tap].map { try fit.sampler.rows(of: $0, first: first, fit.workers) }
            }
            for layer in results.indices {
                if let found = try rows(.result(layer: layer)) { results[layer].append(found) }
            }
            if let result = try rows(.result(layer: last)) {
                let shortcut = try rows(.shortcut)
                sums.append(part.endsInSum ? shortcut.map(result.adding) ?? result : result)
                if part.projection != nil, let shortcut { shortcuts.append(shortcut) }
            }
            for (squeeze, result, layer) in squeezed {
                if let found = try rows(.between(result, layer: layer)) {
                    squeezes[squeeze, default: []].append(found)
                }
            }
            for layer in part.body.hidden.indices where isConverted {
                guard let hidden = values[.input(layer: layer + 1)] else { continue }
                moments[layer].add(try fit.sampler.rows(of: hidden, first: first, fit.workers), fit.workers)
                means[layer] += try hidden.channelMeans().values
            }
            return values[.output] ?? x
        }
        guard isConverted else { return }
        covariances = moments.map { $0.covariance(fit.workers) }
        pooled = zip(means, part.body.hidden).map { values, units in
            Matrix(rows: values.count / max(1, units), columns: units, values)
        }
    }
}

/// The sums that a covariance is computed from.
struct Moments {
    private var equations: NormalEquations

    init(units: Int) { equations = NormalEquations(features: units, targets: 0) }

    mutating func add(_ values: SingleRows, _ workers: Workers) {
        equations.add(values, SingleRows(rows: values.rows, columns: 0, []), workers)
    }

    var means: [Double] { equations.featureMeans }

    func covariance(_ workers: Workers) -> Matrix { equations.covariance(workers) }
}

extension Matrix {
    /// The given columns, in that order.
    func selecting(columns chosen: [Int]) -> Matrix {
        var result = Matrix(rows: rows, columns: chosen.count)
        for row in 0..<rows {
            for (place, column) in chosen.enumerated() {
                result.values[row * chosen.count + place] = values[row * columns + column]
            }
        }
        return result
    }
}
