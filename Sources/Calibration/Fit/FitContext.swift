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
    ///   - data: for a fitted chunk, the convolution's input, and its targets (rows x outputs) at the sampled
    ///     positions of its output.
    func refit(
        _ prior: ConvolutionWeights, _ window: Window, output: [Int], block: String, ridge: Double? = nil,
        data: (Int) throws -> (inputs: Tensor, targets: Matrix)
    ) throws -> ConvolutionWeights {
        var equations = NormalEquations(features: prior.filter, targets: prior.outputs)
        for chunk in division.fitted {
            let (inputs, targets) = try data(chunk)
            let features = try sampler.patches(
                of: inputs, window, output: output, first: division.chunks[chunk].lowerBound, workers)
            equations.add(features, targets, workers)
        }
        let known = Matrix(rows: prior.outputs, columns: prior.filter, floats: prior.weights)
        guard
            let (fitted, offsets) = equations.solve(prior: known, ridge: ridge ?? options.ridge, workers)
        else { throw CalibrationError.singular(block: block) }
        let result = ConvolutionWeights(
            shape: prior.shape, weights: fitted.values.map(Float.init), bias: offsets.map(Float.init))
        guard result.weights.allSatisfy(\.isFinite), result.bias.allSatisfy(\.isFinite) else {
            throw CalibrationError.notFinite(block: block)
        }
        return result
    }
}
