import GraphIR
import MixtureOfDepths

/// The bias that each sample gets (`DynamicBias`).
///
/// z holds the whitened principal components of the means of the channels that enter the body: each has variance 1
/// over the fitted samples. The last convolution's refit gets z beside its patches A:
///
///     [W R] = [W0 0] + [(G + diag(lambda tr(G_AA)/p, ..., lambda_z, ...))^-1 D]',    G and D of [A z], centred
extension BlockFitter {
    /// The features z of the samples, and the map that gives them.
    func biasFeatures(_ rank: Int) throws -> (map: ConvolutionWeights, values: SampleFeatures) {
        let pooled = try pooledFeatures()
        let fitted = Matrix(
            rows: fit.division.fitted.reduce(0) { $0 + pooled[$1].rows }, columns: pooled.first?.columns ?? 0,
            fit.division.fitted.flatMap { pooled[$0].values })
        guard let components = PrincipalComponents(of: fitted, count: rank, fit.workers) else {
            throw CalibrationError.notFinite(block: part.block.scope)
        }
        let directions = components.directions
        let offsets = (0..<rank).map { row in
            -(0..<directions.columns).reduce(0) { $0 + directions[row, $1] * components.means[$1] }
        }
        return (
            ConvolutionWeights(
                shape: [rank, directions.columns, 1, 1], weights: directions.values.map(Float.init),
                bias: offsets.map(Float.init)),
            SampleFeatures(
                chunks: fit.division.fitted.map { components.of(pooled[$0], fit.workers) }, count: rank,
                ridge: fit.options.biasRidge(rank))
        )
    }
}

/// Features of whole samples, of variance 1.
struct SampleFeatures {
    /// By fitted chunk: samples x count.
    let chunks: [Matrix]
    let count: Int
    /// The ridge of what reads them.
    let ridge: Double

    /// Rows with the features of their sample after them. Each sample has as many rows, one after the other.
    func appended(to rows: SingleRows, chunk: Int) -> SingleRows {
        let samples = SingleRows(chunks[chunk])
        let each = rows.rows / max(1, samples.rows)
        var values: [Float] = []
        values.reserveCapacity(rows.rows * (rows.columns + count))
        for row in 0..<rows.rows {
            let sample = min(row / max(1, each), samples.rows - 1)
            values += rows.values[(row * rows.columns)..<((row + 1) * rows.columns)]
            values += samples.values[(sample * count)..<((sample + 1) * count)]
        }
        return SingleRows(rows: rows.rows, columns: rows.columns + count, values)
    }
}
