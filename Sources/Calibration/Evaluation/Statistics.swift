#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A counted share, with its confidence interval.
public struct Proportion: Sendable, Equatable {
    /// The number of samples that have the property.
    public let hits: Int
    /// The number of samples examined.
    public let samples: Int

    /// `hits` of `samples`.
    public init(hits: Int, samples: Int) {
        self.hits = hits
        self.samples = samples
    }

    /// hits / samples; 0 without samples.
    public var share: Double { samples > 0 ? Double(hits) / Double(samples) : 0 }

    /// Wilson's score interval (1927) of 95%: unlike the normal approximation it stays within 0...1, and is
    /// accurate for shares near 0 or 1.
    public var interval: ClosedRange<Double> {
        guard samples > 0 else { return 0...1 }
        let (n, z) = (Double(samples), 1.959964)
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, centre - half)...min(1, centre + half)
    }
}

/// McNemar's test (1947), exact: whether two classifiers that saw the same samples differ.
public struct McNemar: Sendable, Equatable {
    /// Samples that only the first classifier gets right.
    public let onlyFirst: Int
    /// Samples that only the second classifier gets right.
    public let onlySecond: Int

    /// A test from its two counts.
    public init(onlyFirst: Int, onlySecond: Int) {
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
    }

    /// The two-sided probability of a split at least this uneven if both were equally good: from the binomial
    /// distribution of the samples on which they differ.
    public var probability: Double {
        let n = onlyFirst + onlySecond
        guard n > 0 else { return 1 }
        // The logarithm of the binomial probability of 0, 1, 2, ... of n.
        var logarithm = -Double(n) * log(2)
        var tail = exp(logarithm)
        for count in 0..<min(onlyFirst, onlySecond) {
            logarithm += log(Double(n - count) / Double(count + 1))
            tail += exp(logarithm)
        }
        return min(1, 2 * tail)
    }

    /// Whether chance explains the difference: p >= 0.05.
    public var isTie: Bool { probability >= 0.05 }
}
