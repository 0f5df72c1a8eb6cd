import GraphIR
import MixtureOfDepths

/// The trade-off between work and accuracy: one network, reduced in several ways by several ratios.
public struct SweepReport: JSONDocument, Sendable {
    public static let schema = "sweep/1"

    /// One way to reduce the network.
    public struct Row: Encodable, Sendable {
        /// `source`, `auto`, `routed`, `fixed` or `dropped`.
        let kind: String
        /// Nil for the source and for dropped blocks.
        let ratio: Double?
        /// The ratio as the user wrote it; empty without one.
        let ratioText: String
        let macs: Int
        /// The median time of one run of one sample by this tool's engine.
        public let milliseconds: Double
        /// The agreement with the source.
        let agreement: Double
        let topOne: Double?
        let topOneInterval: [Double]?

        private enum CodingKeys: CodingKey {
            case kind, ratio, macs, milliseconds, agreement, topOne, topOneInterval
        }

        /// The figures of one way.
        public init(
            kind: String, ratio: ModRatio?, macs: Int, milliseconds: Double, agreement: Double,
            topOne: Double?,
            topOneInterval: ClosedRange<Double>?
        ) {
            self.kind = kind
            self.ratio = ratio?.value
            ratioText = ratio?.description ?? ""
            self.macs = macs
            self.milliseconds = milliseconds
            self.agreement = agreement
            self.topOne = topOne
            self.topOneInterval = topOneInterval.map { [$0.lowerBound, $0.upperBound] }
        }
    }

    /// The file that was reduced.
    public let source: String
    /// The images for calibration.
    public let calibration: String
    /// The images for the comparison.
    public let data: String
    /// The number of images for the comparison.
    public let samples: Int
    /// The number of threads of the measured runs.
    public let threads: Int
    /// The convention by which multiply-accumulates are counted.
    public let convention: String
    /// The rows, the source's first.
    public let rows: [Row]

    /// A report of these ways, the source's row first.
    public init(
        source: String, calibration: String, data: String, samples: Int, threads: Int, convention: String,
        rows: [Row]
    ) {
        self.source = source
        self.calibration = calibration
        self.data = data
        self.samples = samples
        self.threads = threads
        self.convention = convention
        self.rows = rows
    }

    /// The text that the command prints.
    public var text: String {
        let isLabelled = rows.contains { $0.topOne != nil }
        var table = TextTable(
            [
                ("kind", .left), ("ratio", .left), ("MACs", .right), ("of source", .right), ("ms", .right),
                ("speed-up", .right), ("agreement", .right),
            ] + (isLabelled ? [("top-1", .right), ("95% interval", .left)] : []))
        for row in rows {
            var cells = [
                row.kind, row.ratioText, Quantity.count(row.macs), percent(share(row)),
                Quantity.fixed(row.milliseconds, decimals: 2), Quantity.fixed(speedup(row), decimals: 2),
                percent(row.agreement),
            ]
            if isLabelled {
                cells += [
                    row.topOne.map(percent) ?? "",
                    row.topOneInterval.map { $0.map(percent).joined(separator: " to ") } ?? "",
                ]
            }
            table.add(cells)
        }
        var facts = FactList()
        facts.add("calibration", calibration)
        facts.add("data", "\(data), \(samples) images")
        facts.add("speed", "one sample, \(threads) threads, median, source and result in turns")
        facts.add("convention", convention)
        return table.text + facts.text
    }

    /// A row's multiply-accumulates over the source's.
    func share(_ row: Row) -> Double {
        guard let whole = rows.first?.macs, whole > 0 else { return 0 }
        return Double(row.macs) / Double(whole)
    }

    func speedup(_ row: Row) -> Double {
        guard let source = rows.first?.milliseconds, row.milliseconds > 0 else { return 0 }
        return source / row.milliseconds
    }

    func percent(_ share: Double) -> String { Quantity.fixed(100 * share, decimals: 2) + " %" }
}
