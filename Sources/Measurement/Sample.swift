/// Measurements of one quantity, in the order in which they were made.
public struct Sample: Sendable, Equatable {
    /// The values in the order of measurement.
    public let values: [Double]
    private let sorted: [Double]

    /// - Returns: nil for no values, or for a value that is not a finite number.
    public init?(_ values: [Double]) {
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
        self.values = values
        sorted = values.sorted()
    }

    /// The number of measurements; at least 1.
    public var count: Int { values.count }
    /// The smallest value.
    public var minimum: Double { sorted[0] }
    /// The largest value.
    public var maximum: Double { sorted[count - 1] }

    /// The middle value, or the mean of the two in the middle.
    public var median: Double { (sorted[(count - 1) / 2] + sorted[count / 2]) / 2 }

    /// A confidence interval of the median without assumptions on the distribution: the smallest interval
    /// between order statistics x(r) and x(n + 1 - r) whose coverage reaches `confidence`.
    ///
    /// The number of values below the true median is binomial with p = 1/2, so the interval covers it with
    /// probability 1 - 2 P(B < r). (Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2.)
    ///
    /// - Returns: nil if there are too few values for the confidence: fewer than 6 for 0.95.
    public func medianInterval(confidence: Double) -> ClosedRange<Double>? {
        var rank = 0
        // P(B < rank + 1), summed term by term: binomial(n, i) / 2^n.
        var tail = BinomialTail(count: count)
        while rank < count / 2, 1 - 2 * tail.next() >= confidence { rank += 1 }
        guard rank > 0 else { return nil }
        return sorted[rank - 1]...sorted[count - rank]
    }
}

/// The cumulative distribution of a binomial variable with p = 1/2; each step moves on by one value.
private struct BinomialTail {
    let count: Int
    private var index = 0
    /// The logarithm of binomial(count, index) / 2^count, which would underflow beyond count 1074.
    private var logTerm: Double
    private var sum = 0.0

    init(count: Int) {
        self.count = count
        logTerm = -Double(count) * Logarithm.of(2)
    }

    mutating func next() -> Double {
        sum += Logarithm.inverse(logTerm)
        logTerm += Logarithm.of(Double(count - index) / Double(index + 1))
        index += 1
        return sum
    }
}
