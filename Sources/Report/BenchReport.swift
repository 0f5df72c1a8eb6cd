import Measurement

/// Times of one model, or of two that ran in turn.
public struct BenchReport: JSONDocument, Sendable {
    public static let schema = "bench/1"

    /// A model with the times of its runs.
    public struct Subject: Sendable {
        let file: String
        let batch: Int?
        let firstAnswer: Double
        let seconds: [Double]

        /// - Parameters:
        ///   - firstAnswer: seconds from opening the file to the first answer.
        ///   - seconds: the time of each timed run, in order.
        public init(file: String, batch: Int?, firstAnswer: Double, seconds: [Double]) {
            self.file = file
            self.batch = batch
            self.firstAnswer = firstAnswer
            self.seconds = seconds
        }
    }

    struct Times: Encodable {
        let file: String
        let batch: Int?
        /// The time from opening the file to the first answer.
        let firstAnswerMs: Double
        let medianMs: Double
        let minMs: Double
        let maxMs: Double
    }

    /// a/b, pair by pair.
    struct Ratio: Encodable {
        let median: Double
        /// The confidence interval of the ratios' median; see `Sample.medianInterval`.
        let low: Double
        let high: Double
        let confidence: Double
    }

    let a: Times?
    let b: Times?
    let ratio: Ratio?
    let verdict: String?
    let runs: Int
    let warmUp: Int
    let threads: Int

    private let comparison: PairedComparison?

    private enum CodingKeys: CodingKey {
        case a, b, ratio, verdict, runs, warmUp, threads
    }

    /// - Parameter subjects: one, or two whose runs took turns.
    public init(_ subjects: [Subject], warmUp: Int, threads: Int) {
        let samples = subjects.map { Sample($0.seconds) }
        let times = zip(subjects, samples).map { subject, sample in sample.map { Times(subject, $0) } }
        a = times.first ?? nil
        b = times.count > 1 ? times[1] : nil
        runs = subjects.first?.seconds.count ?? 0
        self.warmUp = warmUp
        self.threads = threads
        if samples.count == 2, let first = samples[0], let second = samples[1] {
            comparison = PairedComparison(first, second)
        } else {
            comparison = nil
        }
        ratio = comparison.map {
            Ratio(
                median: $0.ratios.median, low: $0.interval.lowerBound, high: $0.interval.upperBound,
                confidence: PairedComparison.confidence)
        }
        verdict = comparison?.verdict.rawValue
    }

    /// The text that the command prints.
    public var text: String {
        var table = TextTable([
            ("", .left), ("model", .left), ("median", .right), ("min", .right), ("max", .right),
            ("first answer", .right),
        ])
        for (name, times) in [("A", a), ("B", b)] {
            guard let times else { continue }
            table.add(
                [name, times.file]
                    + [times.medianMs, times.minMs, times.maxMs, times.firstAnswerMs]
                    .map(Quantity.milliseconds))
        }
        var facts = FactList()
        if let ratio, let comparison {
            let span = "\(Quantity.ratio(ratio.low)) to \(Quantity.ratio(ratio.high))"
            let kind =
                comparison.verdict == .tooFewPairs
                ? "all pairs" : "\(Quantity.fixed(100 * ratio.confidence, decimals: 0)) % interval"
            facts.add("ratio A/B", "\(Quantity.ratio(ratio.median)), \(kind) \(span)")
            facts.add("verdict", sentence(comparison))
        }
        let batches = [a, b].compactMap { $0?.batch }.map(String.init)
        facts.add(
            "measured",
            "\(runs) runs each after \(warmUp) to warm up, \(threads) "
                + (threads == 1 ? "thread" : "threads")
                + (batches.isEmpty ? "" : ", batch \(unique(batches).joined(separator: " and "))"))
        return table.text + facts.text
    }

    private func sentence(_ comparison: PairedComparison) -> String {
        let ratio = comparison.ratios.median
        switch comparison.verdict {
        case .aFaster: return "A is faster than B, \(Quantity.ratio(1 / ratio)) times"
        case .bFaster: return "B is faster than A, \(Quantity.ratio(ratio)) times"
        case .noDifference, .tooFewPairs: return comparison.verdict.rawValue
        }
    }

    private func unique(_ texts: [String]) -> [String] {
        texts.enumerated().filter { texts.firstIndex(of: $1) == $0 }.map(\.element)
    }
}

extension BenchReport.Times {
    fileprivate init(_ subject: BenchReport.Subject, _ sample: Sample) {
        self.init(
            file: subject.file, batch: subject.batch, firstAnswerMs: 1000 * subject.firstAnswer,
            medianMs: 1000 * sample.median, minMs: 1000 * sample.minimum, maxMs: 1000 * sample.maximum)
    }
}

extension Quantity {
    /// A duration in milliseconds with four digits.
    static func milliseconds(_ value: Double) -> String {
        fixed(value, decimals: value >= 100 ? 1 : value >= 10 ? 2 : 3) + " ms"
    }

    /// A ratio near 1, as text.
    static func ratio(_ value: Double) -> String { fixed(value, decimals: 3) }
}
