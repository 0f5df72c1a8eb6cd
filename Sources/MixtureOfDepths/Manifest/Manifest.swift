import FoundationEssentials
import GraphIR

/// What a converted file says about its conversion, in the model's `metadata_props`.
///
/// One entry a fact, so that any viewer shows them; the keys start with `ai.modconvert.`. With the source's bytes they
/// allow the conversion to be repeated byte for byte.
public struct Manifest: Sendable, Equatable {
    /// The version of the tool that converted.
    public var version: String
    /// What was asked for; nil where no manifest was read, and the blocks were found by their structure.
    public var request: ConversionRequest?
    /// Of the source file's bytes; nil for a network that was built and not converted.
    public var sourceSHA256: String?
    /// The exporter that the source names, with its version.
    public var sourceProducer: String?
    /// Of the file whose trained weights were put in; nil if none were.
    public var trainedSHA256: String?
    /// The converted blocks in topological order.
    public var blocks: [MoDBlock]

    /// What the keys of the entries start with.
    public static let prefix = "ai.modconvert."
    /// The key, without the prefix, of the fingerprint of trained weights.
    public static let trainedKey = "trained-sha256"
    /// The key, without the prefix, of the blocks.
    public static let blocksKey = "blocks"

    init(
        version: String, request: ConversionRequest?, sourceSHA256: String? = nil,
        sourceProducer: String? = nil, blocks: [MoDBlock]
    ) {
        self.version = version
        self.request = request
        self.sourceSHA256 = sourceSHA256
        self.sourceProducer = sourceProducer
        self.blocks = blocks
    }

    /// The manifest of a model; nil if it has none, or one that cannot be read.
    public init?(_ model: Model) {
        func fact(_ key: String) -> String? { model.metadata(Manifest.prefix + key) }
        let coder = ManifestCoder()
        guard let version = fact("version"), let request = ConversionRequest(coder, fact),
            let records = fact(Manifest.blocksKey).flatMap({ coder.value([BlockRecord].self, $0) })
        else { return nil }
        let blocks = records.compactMap(\.block)
        guard blocks.count == records.count else { return nil }
        self.init(
            version: version, request: request, sourceSHA256: fact("source-sha256"),
            sourceProducer: fact("source-producer"), blocks: blocks)
        trainedSHA256 = fact(Manifest.trainedKey)
    }

    /// The metadata entries, in a fixed order.
    func entries() throws -> [MetadataEntry] {
        let coder = ManifestCoder()
        let facts: [(key: String, value: String?)] =
            [("version", version)] + (try request?.facts(coder) ?? [])
            + [
                ("source-sha256", sourceSHA256), ("source-producer", sourceProducer),
                (Manifest.blocksKey, try coder.json(blocks.map(BlockRecord.init))),
            ]
        return facts.compactMap { key, value in
            value.map { MetadataEntry(key: Manifest.prefix + key, value: $0) }
        }
    }
}

extension Manifest {
    /// Whether the blocks were found by their structure, and no manifest was read.
    public var isRecognised: Bool { request == nil }

    /// Whether a model has a manifest, be it one that cannot be read.
    public static func isIn(_ model: Model) -> Bool { model.metadata(prefix + blocksKey) != nil }

    /// What a model says of its MoD blocks, or else what can be seen of them: PyTorch's exports have no manifest.
    ///
    /// - Parameter graph: the model's graph in canonical form, in which recognised blocks have their values.
    /// - Returns: nil for a network without MoD blocks.
    public static func of(_ model: Model, canonical graph: Graph) -> Manifest? {
        Manifest(model) ?? recognised(in: graph)
    }

    /// A manifest of the blocks that a canonical graph's structure shows; nil if there are none.
    public static func recognised(in graph: Graph) -> Manifest? {
        let blocks = MoDRecogniser.blocks(in: graph)
        return blocks.isEmpty ? nil : Manifest(version: "unknown", request: nil, blocks: blocks)
    }
}

/// JSON as the manifest's entries hold it.
struct ManifestCoder {
    private let encoder: JSONEncoder
    private let decoder = JSONDecoder()

    init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    func json(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    func value<Value: Decodable>(_ type: Value.Type, _ json: String) -> Value? {
        try? decoder.decode(type, from: Data(json.utf8))
    }
}
