import GraphIR

/// A converted file's own record of its conversion, in the model's `metadata_props`.
///
/// Each fact has its own entry, so that any viewer shows them; the keys start with `ai.modconvert.`. Together
/// with the source's bytes they let the conversion be repeated byte for byte.
public struct Manifest: Sendable, Equatable {
    /// The version of the tool that made the conversion.
    public var version: String
    /// The request; nil if there is no manifest and the blocks were found by their structure.
    public var request: ConversionRequest?
    /// The SHA-256 of the source file's bytes; nil for a network that was built rather than converted.
    public var sourceSHA256: String?
    /// The exporter that the source names, with its version.
    public var sourceProducer: String?
    /// The SHA-256 of the file whose trained weights were imported; nil if none were.
    public var trainedSHA256: String?
    /// The converted blocks in topological order.
    public var blocks: [MoDBlock]

    /// The prefix of the entries' keys.
    public static let prefix = "ai.modconvert."
    /// The key, without the prefix, of the trained weights' SHA-256.
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

    /// The manifest of a model; nil if it has none, or an unreadable one.
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
    /// Whether the blocks were found by their structure, without a manifest.
    public var isRecognised: Bool { request == nil }

    /// Whether a model has a manifest, even an unreadable one.
    public static func isIn(_ model: Model) -> Bool { model.metadata(prefix + blocksKey) != nil }

    /// The manifest of a model, or else one recognised from its structure: PyTorch's exports have none.
    ///
    /// - Parameter graph: the model's graph in canonical form; recognised blocks name its values.
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
