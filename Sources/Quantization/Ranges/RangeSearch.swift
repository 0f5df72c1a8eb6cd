/// The range of a group of activations with the least squared error: clipping a few outliers buys finer steps.
struct RangeSearch {
    let histogram: MagnitudeHistogram
    let integers: ActivationIntegers

    /// Shares of the full range that are tried for its ends.
    private static let shares = sequence(first: 1.0) { $0 * 0.97 }.prefix(120).map { $0 }

    /// Both ends shrink together first, then each by itself.
    func best() -> ClosedRange<Double> {
        let (low, high) = (Double(histogram.low), Double(histogram.high))
        var best = (range: low...high, error: error(low...high))
        func consider(_ range: ClosedRange<Double>) {
            let error = error(range)
            if error < best.error { best = (range, error) }
        }
        for share in RangeSearch.shares { consider((low * share)...(high * share)) }
        guard integers == .unsigned, low < 0, high > 0 else { return best.range }
        for _ in 0..<2 {
            for share in RangeSearch.shares { consider((low * share)...best.range.upperBound) }
            for share in RangeSearch.shares { consider(best.range.lowerBound...(high * share)) }
        }
        return best.range
    }

    private func error(_ range: ClosedRange<Double>) -> Double {
        let scale = ActivationScale(range, integers)
        let bounds =
            integers == .symmetric
            ? -max(range.upperBound, -range.lowerBound)...max(range.upperBound, -range.lowerBound) : range
        return histogram.squaredError(bounds, step: Double(scale.scale))
    }
}
