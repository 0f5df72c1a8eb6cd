import Calibration
import Conversion
import GraphIR
import MixtureOfDepths
import Operators

/// A conversion: its decisions, its savings and its verification.
public struct ConversionReport: JSONDocument, Sendable {
    public static let schema = "conversion/1"

    /// The costs of a network: strict MACs for one sample, parameters, bytes of weights, nodes.
    public struct Totals: Encodable, Sendable {
        let macs: Int
        let params: Int
        let weightBytes: Int
        let nodes: Int
        /// The nodes that `macs` leaves out; nil if there are none.
        let notCounted: MACCount.Omission?

        /// The totals of a graph.
        public init(_ count: MACCount, _ graph: Graph) {
            macs = count.total(.strict)
            params = count.totalParameters
            weightBytes = graph.initializers.reduce(0) { $0 + ($1.initializer?.bytes.count ?? 0) }
            nodes = graph.nodes.count
            notCounted = count.omission
        }
    }

    /// The converted network next to its source on calibration images.
    public struct Calibration: Encodable, Sendable {
        let samples: Int
        /// Whether no fit saw these images.
        let isHeldOut: Bool
        /// The meaning of the output for each image; nil where calibration follows the blocks only.
        let output: OutputKind?
        /// The share of images for which both rank the same class first, of maps the share of pixels; nil for outputs
        /// without classes, and where calibration follows the blocks only.
        let agreement: Double?
        /// Wilson's 95% interval of the agreement, of images; nil for maps.
        let agreementInterval: [Double]?
        /// The mean cosine of the angle between both outputs.
        let cosine: Double?
        /// The error of the last block's output relative to its size; nil where the output is compared.
        let blockError: Double?
    }

    /// The source file.
    public let source: String
    /// The SHA-256 of the source file's bytes.
    public let sourceSha256: String
    /// The output file.
    public let output: String
    /// The recipe's name, as `--recipe` takes it.
    public let recipe: String
    /// Why that recipe was chosen.
    public let recipeReason: String
    /// The ratio, or the budget, as file names show it.
    public let goal: String
    /// The ratio as a number; nil for a budget, and where blocks are dropped.
    public let ratio: Double?
    /// Who chooses, as `--router` takes it; `none` where blocks are dropped.
    public let router: String
    /// The toolchain that the file is for, as `--target` takes it, or a spelling, as `--emit` takes it.
    public let target: String
    /// The seed of everything that was drawn.
    public let seed: UInt64
    /// The convention by which multiply-accumulates are counted.
    public let convention: String
    /// The source in canonical form, for which the plan was made.
    public let before: Totals
    /// The converted network.
    public let after: Totals
    /// Every residual block with its verdict.
    public let blocks: [LedgerReport.Block]
    /// Nil for blocks to be trained.
    public let calibration: Calibration?
    /// Nil if the user did not ask for integers.
    public let quantization: QuantizationReport?
    /// Nil if the user did not ask for it.
    public let verification: VerificationReport?
    /// The notes that a user should read about the result, one sentence each.
    public let notes: [String]

    /// The MAC counts of a conversion's networks.
    public struct Counts: Sendable {
        /// The count of the graph that was converted.
        let before: MACCount
        let after: MACCount
        /// The count of the source in canonical form, before any deepening.
        let source: MACCount

        /// Counts the networks of a conversion.
        public init(_ network: ConvertedNetwork) {
            before = MACCount(network.network.graph)
            after = MACCount(network.graph)
            source = network.network.depthsBefore == nil ? before : MACCount(network.network.canonical)
        }
    }

    /// The report of a conversion.
    public init(
        _ finished: any WritableConversion, source: String, output: String, recipeReason: String,
        ledger: LedgerReport, _ counts: Counts
    ) {
        let network = finished.network
        let request = network.network.request
        self.source = source
        sourceSha256 = network.network.source.sha256 ?? ""
        self.output = output
        recipe = request.recipe.name
        self.recipeReason = recipeReason
        goal = request.recipe.goal
        ratio = request.recipe.ratio?.value
        router = request.recipe.router
        target = request.recipe.target.rawValue
        seed = request.seed
        convention = MACCount.Convention.strict.text
        before = Totals(counts.source, network.network.canonical)
        after = Totals(counts.after, network.graph)
        blocks = ledger.blocks
        calibration = (network.fitted.calibration?.comparison).map { comparison in
            let isOfOutput = comparison.isOfOutput
            return Calibration(
                samples: comparison.samples, isHeldOut: comparison.isHeldOut,
                output: isOfOutput ? comparison.kind : nil,
                agreement: isOfOutput && comparison.kind != .values ? comparison.agreement : nil,
                agreementInterval: comparison.proportion.map {
                    [$0.interval.lowerBound, $0.interval.upperBound]
                },
                cosine: isOfOutput ? comparison.cosine : nil,
                blockError: isOfOutput ? nil : comparison.error.squareRoot())
        }
        quantization = network.quantization.map {
            QuantizationReport($0, source: source, output: output)
        }
        verification = (finished as? VerifiedConversion).map { VerificationReport($0.verification) }
        notes = ConversionNotes.all(finished)
    }

    /// Totals before and after, the output file, and the notes; ledger and verification have texts of their
    /// own.
    public var text: String {
        var table = TextTable([
            ("", .left), ("before", .right), ("after", .right), ("saved", .right),
        ])
        func add(_ name: String, _ quantity: (Int) -> String, _ value: KeyPath<Totals, Int>) {
            let (old, new) = (before[keyPath: value], after[keyPath: value])
            table.add([name, quantity(old), quantity(new), Quantity.share(old - new, of: old)])
        }
        add("MACs", Quantity.count, \.macs)
        add("params", Quantity.count, \.params)
        add("weights", Quantity.bytes, \.weightBytes)
        var facts = FactList()
        facts.add("convention", convention)
        if let omission = after.notCounted ?? before.notCounted {
            facts.add("", "MACs + ?: \(omission.text)")
        }
        facts.add("written", output)
        for note in notes { facts.add("note", note) }
        return table.text + facts.text + (quantization.map { "\n" + $0.text } ?? "")
    }
}
