import GraphIR

/// Tells a trained network from one that was only initialised.
public enum TrainedWeights {
    /// Whether the convolutions' weights look trained.
    ///
    /// Weights are initialised normally, uniformly or constant: within a filter, none of these has heavier tails
    /// than a normal distribution. Training leaves most weights of a filter near zero and some far off. The
    /// measure is the excess kurtosis within filters, over the first filters of all convolutions, corrected for the
    /// filters' sizes; it has to exceed 0.1 by three standard errors. O(convolutions).
    public static func areTrained(_ graph: Graph) -> Bool {
        var (sum, count) = (0.0, 0.0)
        for value in graph.initializers {
            guard let tensor = value.initializer, tensor.rank == 4, tensor.shape[0] > 0 else { continue }
            let size = tensor.elementCount / tensor.shape[0]
            guard size >= smallestFilter else { continue }
            let filters = min(tensor.shape[0], max(1, weightsOfEach / size))
            guard let weights = tensor.floats(in: 0..<(filters * size)) else { continue }
            for filter in 0..<filters {
                guard let excess = excessKurtosis(weights[(filter * size)..<((filter + 1) * size)]) else {
                    continue
                }
                sum += excess * Double(size)
                count += Double(size)
            }
        }
        return count > 0 && sum / count > 0.1 + 3 * (24 / count).squareRoot()
    }

    /// Filters of fewer weights say too little.
    private static let smallestFilter = 16
    /// Weights of a convolution that are looked at: for a standard error of 0.02.
    private static let weightsOfEach = 1 << 16

    /// The fourth standardised moment less what it is expected to be for normal numbers; nil for constants.
    private static func excessKurtosis(_ weights: ArraySlice<Float>) -> Double? {
        let n = Double(weights.count)
        let mean = weights.reduce(0) { $0 + Double($1) } / n
        var (second, fourth) = (0.0, 0.0)
        for weight in weights {
            let square = (Double(weight) - mean) * (Double(weight) - mean)
            second += square
            fourth += square * square
        }
        guard second > 0, fourth.isFinite else { return nil }
        return fourth * n / (second * second) - 3 * (n - 1) / (n + 1)
    }
}
