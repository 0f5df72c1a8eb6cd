import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// The state that all fits of one calibration share.
struct FitContext: Sendable {
    let options: CalibrationOptions
    let weights: CalibratedRecipe.Weights
    let division: SampleDivision
    let sampler: RowSampler
    let workers: Workers

    /// The state for a block with several uses of its weights.
    func repeated(_ uses: Int) -> FitContext {
        uses > 1 ? FitContext(options, weights, division.repeated(uses)) : self
    }

    init(_ options: CalibrationOptions, _ weights: CalibratedRecipe.Weights, _ division: SampleDivision) {
        self.options = options
        self.weights = weights
        self.division = division
        sampler = RowSampler(seed: options.seed, rows: options.rows, samples: division.fittedSamples)
        workers = Workers(count: max(1, options.threads))
    }

    /// A convolution's parameters, fitted so that it maps inputs to targets.
    ///
    /// - Parameters:
    ///   - prior: the parameters that the fit stays close to.
    ///   - ridge: nil for that of the options.
    ///   - beside: further features of each sample, which a convolution of one pixel on them reads.
    ///   - data: for a fitted chunk, the convolution's input, and its targets (rows x outputs) at the sampled
    ///     positions of its output.
    /// - Returns: the convolution, and its response to the further features, [outputs, features, 1, 1].
    func refit(
        _ prior: ConvolutionWeights, _ window: Window, output: [Int], block: String, ridge: Double? = nil,
        beside further: SampleFeatures? = nil, data: (Int) throws -> (inputs: Tensor, targets: SingleRows)
    ) throws -> (convolution: ConvolutionWeights, response: ConvolutionWeights) {
        let (own, count) = (prior.filter, further?.count ?? 0)
        var equations = NormalEquations(features: own + count, targets: prior.outputs)
        for chunk in division.fitted {
            let (inputs, targets) = try data(chunk)
            let features = try sampler.patches(
                of: inputs, window, output: output, first: division.chunks[chunk].lowerBound, workers)
            equations.add(further?.appended(to: features, chunk: chunk) ?? features, targets, workers)
        }
        var known = Matrix(rows: prior.outputs, columns: own + count)
        for row in 0..<prior.outputs {
            for column in 0..<own { known[row, column] = Double(prior.weights[row * own + column]) }
        }
        guard
            let (fitted, offsets) = equations.solve(
                prior: known, ridge: ridge ?? options.ridge,
                own: further.map { (count, $0.ridge) }, workers)
        else { throw CalibrationError.singular(block: block) }
        func weights(_ columns: Range<Int>) -> [Float] {
            (0..<prior.outputs).flatMap { row in columns.map { Float(fitted[row, $0]) } }
        }
        let result = ConvolutionWeights(
            shape: prior.shape, weights: weights(0..<own), bias: offsets.map(Float.init))
        let response = ConvolutionWeights(
            shape: [prior.outputs, count, 1, 1], weights: weights(own..<(own + count)),
            bias: [Float](repeating: 0, count: prior.outputs))
        guard (result.weights + result.bias + response.weights).allSatisfy(\.isFinite) else {
            throw CalibrationError.notFinite(block: block)
        }
        return (result, response)
    }
}
