/// Two subjects measured in pairs, one shortly after the other, so that disturbances of the machine affect
/// both.
///
/// The ratio a/b is taken pair by pair. It counts as different from 1 only if the confidence interval of its
/// median excludes 1; a difference that the spread of the pairs does not support counts as none.
public struct PairedComparison: Sendable, Equatable {
    /// The conclusion from the pairs.
    public enum Verdict: String, Sendable, CaseIterable {
        case aFaster = "a is faster"
        case bFaster = "b is faster"
        case noDifference = "no difference beyond the spread"
        /// Too few pairs for an interval of this confidence.
        case tooFewPairs = "too few pairs to tell"
    }

    /// The first subject's measurements.
    public let a: Sample
    /// The second subject's measurements.
    public let b: Sample
    /// a/b, pair by pair.
    public let ratios: Sample
    /// The interval of the ratios' median; their smallest and largest if there are too few pairs for one.
    public let interval: ClosedRange<Double>
    /// Whether one is faster.
    public let verdict: Verdict

    /// The confidence of the interval.
    public static let confidence = 0.95

    /// - Returns: nil unless both have the same number of values, all positive.
    public init?(_ a: Sample, _ b: Sample) {
        guard a.count == b.count, a.minimum > 0, b.minimum > 0,
            let ratios = Sample(zip(a.values, b.values).map { $0 / $1 })
        else { return nil }
        (self.a, self.b, self.ratios) = (a, b, ratios)
        guard let interval = ratios.medianInterval(confidence: PairedComparison.confidence) else {
            interval = ratios.minimum...ratios.maximum
            verdict = .tooFewPairs
            return
        }
        self.interval = interval
        verdict = interval.upperBound < 1 ? .aFaster : interval.lowerBound > 1 ? .bFaster : .noDifference
    }
}
