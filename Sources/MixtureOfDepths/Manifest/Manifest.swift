import FoundationEssentials
import GraphIR

/// What a converted file says about its conversion, in the model's `metadata_props`.
///
/// One entry per fact, so that any viewer shows them; the keys start with `ai.modconvert.`. Together they
/// allow the conversion to be repeated byte for byte.
public struct Manifest: Sendable, Equatable {
    /// The version of the tool that converted.
    public var version: String
    /// The ratio, as 0.5 or 1/64; for a budget its text.
    public var ratio: String
    /// A `Router`; of a calibrated file a `CalibratedForm.Choice`.
    public var router: String
    /// A `WeightsPolicy`; of a calibrated file a `CalibratedForm.Weights`.
    public var weights: String
    /// r: the paper's selector has C / r hidden units.
    public var selectorReduction: Int
    /// The multiple that widths were rounded down to; nil if they were not.
    public var roundTo: Int?
    /// Of everything that was drawn.
    public var seed: UInt64
    /// The `BlockSelection`, as `--blocks` takes it.
    public var placement: String
    /// How the blocks are spelled, an `Emission`; `literal` where a file does not say.
    public var emission: String
    /// What a block's router chooses, a `CalibratedForm.Route`, where blocks to be trained differ from the paper's.
    public var route: String?
    /// The filters of the hidden layers, as a multiple of the replaced block's, where they are more.
    public var hiddenMultiple: Int?
    /// How a calibrated conversion was made; nil for the paper's recipe.
    public var calibration: CalibrationRecord?
    /// Of the source file's bytes; nil for a network that was built and not converted.
    public var sourceSHA256: String?
    /// The shapes that the source's inputs were given before the conversion, as `name=1x3x224x224`.
    public var inputShapes: [String]
    /// What was done with BatchNormalization before the conversion, as `--bn` takes it; nil if nothing.
    public var batchNormalization: String?
    /// The exporter that the source names, with its version.
    public var sourceProducer: String?
    /// The depths that the source's stages were deepened to, as `--deepen` takes them; nil if they were not.
    public var deepening: String?
    /// Of the file whose trained weights were put in; nil if none were.
    public var trainedSHA256: String?
    /// Whether the blocks were found by their structure, and no manifest was read.
    public internal(set) var isRecognised = false
    /// The MoD blocks in topological order.
    public var blocks: [Block]

    /// One MoD block: its sizes and the names of its values.
    public struct Block: Codable, Sendable, Equatable {
        /// The scope that the block's names start with.
        public var scope: String
        /// C, the channels of the residual stream.
        public var channels: Int
        /// k, the channels that are processed.
        public var processed: Int
        /// The widths between the body's convolutions.
        public var hidden: [Int]
        /// The groups of each of the body's convolutions.
        public var groups: [Int]
        /// The selector's hidden units; nil without a selector.
        public var selectorHidden: Int?
        /// X, [N, C, H, W].
        public var input: String
        /// Y, [N, C, H, W].
        public var output: String
        /// The body's input: the processed channels, [N, k, H, W].
        public var gathered: String
        /// What is added to the stream.
        public var body: String
        /// The selector's scores, [N, C, 1, 1].
        public var scores: String?
        /// The chosen channels, ascending, [N, k, 1, 1] int64.
        public var indices: String?
        /// The scores of the chosen channels, [N, k, 1, 1].
        public var gate: String?
        /// Of a calibrated block, as `BlockKind` spells it; nil for the paper's.
        public var kind: String?
        /// The first channels that the body's result is added to, where they are not the processed ones.
        public var fused: Int?
        /// The choices of a calibrated block; nil if it makes none.
        public var routes: [EmittedBlock.Route]?
        /// The convolutions whose weights a calibrated block gathers; nil if there are none.
        public var tables: [EmittedBlock.Table]?
        /// The filters that the hidden layers hold, where `hidden` counts those that a sample computes.
        public var widths: [Int]?
    }

    /// What the keys of the entries start with.
    public static let prefix = "ai.modconvert."
    /// The key, without the prefix, of the fingerprint of trained weights.
    public static let trainedKey = "trained-sha256"

    /// The manifest of a model; nil if it has none, or one that cannot be read.
    public init?(_ model: Model) {
        func entry(_ key: String) -> String? { model.metadata(Manifest.prefix + key) }
        guard let version = entry("version"), let ratio = entry("ratio"), let router = entry("router"),
            let weights = entry("weights"), let r = entry("r").flatMap(Int.init),
            let seed = entry("seed").flatMap(UInt64.init), let placement = entry("placement"),
            let list = entry("blocks"),
            let blocks = try? JSONDecoder().decode([Block].self, from: Data(list.utf8))
        else { return nil }
        self.init(
            version: version, ratio: ratio, router: router, weights: weights, selectorReduction: r,
            roundTo: entry("round-to").flatMap(Int.init), seed: seed, placement: placement,
            emission: entry("emission") ?? Emission.literal.rawValue,
            sourceSHA256: entry("source-sha256"),
            inputShapes: entry("input-shapes").flatMap(Manifest.list) ?? [],
            batchNormalization: entry("bn"), sourceProducer: entry("source-producer"),
            blocks: blocks)
        route = entry("route")
        hiddenMultiple = entry("hidden-multiple").flatMap(Int.init)
        deepening = entry("deepen")
        trainedSHA256 = entry(Manifest.trainedKey)
        guard let record = entry("calibration") else { return }
        guard let calibration = try? JSONDecoder().decode(CalibrationRecord.self, from: Data(record.utf8))
        else { return nil }
        self.calibration = calibration
    }

    init(
        version: String, ratio: String, router: String, weights: String, selectorReduction: Int,
        roundTo: Int?, seed: UInt64, placement: String, emission: String,
        sourceSHA256: String?, inputShapes: [String] = [],
        batchNormalization: String? = nil, sourceProducer: String?, blocks: [Block]
    ) {
        self.version = version
        self.ratio = ratio
        self.router = router
        self.weights = weights
        self.selectorReduction = selectorReduction
        self.roundTo = roundTo
        self.seed = seed
        self.placement = placement
        self.emission = emission
        self.sourceSHA256 = sourceSHA256
        self.inputShapes = inputShapes
        self.batchNormalization = batchNormalization
        self.sourceProducer = sourceProducer
        self.blocks = blocks
    }

    /// The metadata entries, in a fixed order.
    func entries() throws -> [MetadataEntry] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        let facts: [(String, String?)] = [
            ("version", version), ("ratio", ratio), ("c", reduction), ("r", "\(selectorReduction)"),
            ("router", router), ("weights", weights), ("placement", placement), ("emission", emission),
            ("route", route), ("hidden-multiple", hiddenMultiple.map(String.init)),
            ("calibration", try calibration.map(json)), ("round-to", roundTo.map { "\($0)" }),
            ("seed", "\(seed)"),
            ("deepen", deepening), ("source-sha256", sourceSHA256),
            ("input-shapes", inputShapes.isEmpty ? nil : try json(inputShapes)),
            ("bn", batchNormalization), ("source-producer", sourceProducer), ("blocks", try json(blocks)),
        ]
        return facts.compactMap { key, value in
            value.map { MetadataEntry(key: Manifest.prefix + key, value: $0) }
        }
    }

    /// A JSON list of texts; nil for anything else.
    private static func list(_ json: String) -> [String]? {
        try? JSONDecoder().decode([String].self, from: Data(json.utf8))
    }

    /// c = 1 / R, the paper's way to say it, where it is a whole number.
    private var reduction: String? {
        guard let ratio = ModRatio(ratio), ratio.denominator % ratio.numerator == 0 else { return nil }
        return "\(ratio.denominator / ratio.numerator)"
    }
}

extension Manifest.Block {
    /// What the block is; nil for a kind that this version does not know.
    public var blockKind: BlockKind? { kind.map(BlockKind.init(rawValue:)) ?? .paper }

    /// The record of an emitted block.
    init(_ block: EmittedBlock) {
        self.init(
            scope: block.scope, channels: block.shape.channels, processed: block.shape.processed,
            hidden: block.shape.hidden, groups: block.shape.groups,
            selectorHidden: block.shape.selectorHidden, input: block.input, output: block.output,
            gathered: block.gathered, body: block.body, scores: block.routing?.scores,
            indices: block.routing?.indices, gate: block.routing?.gate)
        guard block.shape.kind != .paper else { return }
        kind = block.shape.kind.rawValue
        fused = block.shape.fused
        routes = block.routes.isEmpty ? nil : block.routes
        tables = block.tables.isEmpty ? nil : block.tables
        widths = block.shape.widths
    }
}

extension BlockSelection {
    /// As the manifest records it, and `--blocks` takes it.
    public var text: String {
        switch self {
        case .alternate: "alternate"
        case .all: "all"
        case .appended: "appended"
        case .named(let names): names.joined(separator: ",")
        }
    }
}
