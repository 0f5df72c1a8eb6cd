import Calibration
import GraphIR
import MixtureOfDepths
import Runtime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes the integers of one layer.
struct LayerFit {
    let layer: QuantizableLayer
    let weights: ConvolutionWeights
    /// The scale of the layer's input.
    let step: Float
    let options: QuantizationOptions
    let workers: Workers

    /// The ratios of the variance of the layer's results to the errors, in decibels.
    struct SignalToNoise {
        var weights: Double
        var input: Double
    }

    /// The positions that become rows. Depthwise filters have few features, and need few rows.
    func sampler(_ samples: Int) -> RowSampler {
        RowSampler(
            seed: options.seed, rows: weights.isDepthwise ? min(options.rows, 4_000) : options.rows,
            samples: samples)
    }

    /// The layer's integers.
    ///
    /// - Parameter add: adds all fitted samples.
    /// - Throws: `QuantizationError.singular`; the errors of `add`.
    func rounded(
        name: String, _ add: (inout LayerSums) throws -> Void
    ) throws -> (weights: IntegerWeights, noise: SignalToNoise) {
        var sums = LayerSums(layer, weights)
        try add(&sums)
        let rounding = RowRounding(limits: WeightLimits(options.weightRange, weights), workers: workers)
        let outputs = weights.outputs / weights.groups
        var (integers, scales, bias) = ([Int8](), [Float](), [Double]())
        var (signal, weightsNoise, inputNoise) = (0.0, 0.0, 0.0)
        for (group, equations) in sums.equations.enumerated() {
            let range = (group * outputs * weights.filter)..<((group + 1) * outputs * weights.filter)
            let own = Matrix(rows: outputs, columns: weights.filter, floats: Array(weights.weights[range]))
            let covariance = equations.covariance(workers)
            let given = weights.bias[(group * outputs)..<((group + 1) * outputs)].map(Double.init)
            // A bias has to fit into 32 bits.
            let leastSteps = given.map { abs($0) / (Double(step) * Double(1 << 29)) }
            let (fitted, result): (Matrix, RowRounding.Result)
            var offsets = given
            switch options.rounding {
            case .nearest:
                (fitted, result) = (own, rounding.nearest(own, leastSteps))
            case .gram:
                let mean = covariance.meanDiagonal
                guard
                    let solution = equations.solve(
                        prior: own, ridge: options.ridge, covariance: covariance, workers),
                    let compensated = rounding.compensated(
                        solution.weights, covariance: covariance, ridge: mean > 0 ? mean * options.ridge : 1,
                        leastSteps)
                else { throw QuantizationError.singular(name) }
                (fitted, result) = (solution.weights, compensated)
                offsets = equations.targetMeans
                for row in 0..<outputs {
                    for (feature, mean) in equations.featureMeans.enumerated() {
                        let weight =
                            Double(result.integers[row * weights.filter + feature])
                            * Double(result.scales[row])
                        offsets[row] -= weight * mean
                    }
                }
            }
            guard offsets.allSatisfy(\.isFinite) else { throw QuantizationError.notFinite(name) }
            let error = fitted.difference(from: result)
            signal += fitted.variance(under: covariance, workers)
            weightsNoise += error.variance(under: covariance, workers)
            inputNoise += own.values.reduce(0) { $0 + $1 * $1 } * Double(step) * Double(step) / 12
            integers += result.integers
            scales += result.scales
            bias += offsets
        }
        let steps = zip(bias, scales).map { Int32(clamping: ($0 / Double(step * $1)).roundedToInt) }
        return (
            IntegerWeights(weights: integers, scales: scales, bias: steps, shape: weights.shape),
            SignalToNoise(
                weights: LayerFit.decibels(signal, weightsNoise), input: LayerFit.decibels(signal, inputNoise)
            )
        )
    }

    private static func decibels(_ signal: Double, _ noise: Double) -> Double {
        noise > 0 && signal > 0 ? min(10 * log10(signal / noise), 200) : 200
    }
}

extension Matrix {
    /// The sum over the rows w of w G w'.
    fileprivate func variance(under covariance: Matrix, _ workers: Workers) -> Double {
        let product = covariance.times(transposed, workers)
        var sum = 0.0
        for row in 0..<rows {
            for column in 0..<columns {
                sum += values[row * columns + column] * product.values[column * rows + row]
            }
        }
        return sum
    }

    /// These weights minus the integers times their steps.
    fileprivate func difference(from rounded: RowRounding.Result) -> Matrix {
        var result = self
        for place in values.indices {
            result.values[place] -= Double(rounded.integers[place]) * Double(rounded.scales[place / columns])
        }
        return result
    }
}

extension Double {
    /// To the nearest integer, halves to even; the nearest that there is beyond the range of Int.
    fileprivate var roundedToInt: Int {
        Int(min(max(rounded(.toNearestOrEven), -9e15), 9e15))
    }
}
