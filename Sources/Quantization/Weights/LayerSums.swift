import Calibration
import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// The sums that the fit and the rounding of a layer need, one set for each group of the convolution.
struct LayerSums {
    private let layer: QuantizableLayer
    private let groups: Int
    private let outputs: Int
    private(set) var equations: [NormalEquations]

    init(_ layer: QuantizableLayer, _ weights: ConvolutionWeights) {
        self.layer = layer
        groups = weights.groups
        outputs = weights.outputs / weights.groups
        equations = (0..<groups).map { _ in
            NormalEquations(features: weights.filter, targets: weights.outputs / weights.groups)
        }
    }

    /// Adds a chunk of samples at the sampled positions.
    ///
    /// - Parameters:
    ///   - inputs: of the layer, in the quantised network.
    ///   - targets: the layer's results in the float network.
    ///   - first: the number of the chunk's first sample.
    mutating func add(
        _ inputs: Tensor, _ targets: Tensor, _ sampler: RowSampler, first: Int, _ workers: Workers
    ) throws {
        guard let window = layer.window else {
            return equations[0].add(try SingleRows(rowsOf: inputs), try SingleRows(rowsOf: targets), workers)
        }
        let features = try sampler.patches(
            of: inputs, window, output: Array(targets.shape.suffix(2)), first: first, workers)
        let results = try sampler.rows(of: targets, first: first, workers)
        guard groups > 1 else { return equations[0].add(features, results, workers) }
        for group in 0..<groups {
            let filter = equations[group].features
            equations[group].add(
                features.columns(group * filter, count: filter),
                results.columns(group * outputs, count: outputs),
                workers)
        }
    }
}

extension SingleRows {
    /// The samples of a tensor [n, k] as rows.
    fileprivate init(rowsOf tensor: Tensor) throws {
        let rows = tensor.shape.first ?? 0
        self.init(
            rows: rows, columns: rows > 0 ? tensor.elementCount / rows : 0,
            try tensor.elements(of: Float.self))
    }

    /// Some neighbouring columns. O(rows * count).
    fileprivate func columns(_ first: Int, count: Int) -> SingleRows {
        var result: [Float] = []
        result.reserveCapacity(rows * count)
        for row in 0..<rows {
            let start = row * columns + first
            result += values[start..<(start + count)]
        }
        return SingleRows(rows: rows, columns: count, result)
    }
}
