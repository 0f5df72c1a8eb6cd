/// What a file may ask of the reader. Each limit stands against one way in which a small or broken file
/// could cost unbounded time, memory or stack; raise one for a file that is trusted and large.
public struct ImportLimits: Sendable, Equatable {
    /// How deep messages may nest. A subgraph within a subgraph is three levels deeper.
    ///
    /// Decoding recurses once a level; ONNX's own protobuf parser stops at 100 as well.
    public var messageDepth = 100
    /// How many nodes a model may have, those of subgraphs and functions included.
    public var nodes = 100_000
    /// How many bytes the decoded description may take, weights apart: nodes, names, attributes, types.
    ///
    /// Estimated while the file is walked, before anything is allocated for it.
    public var descriptionBytes = 1 << 30
    /// How many bytes of weights may be unpacked from typed fields (`int64_data` and the like), which
    /// cannot stay in the file's mapping.
    public var unpackedTensorBytes = 4 << 30
    /// How many attributes one node may have; they are looked up one by one.
    public var attributesPerNode = 256
    /// How many operator sets a model may import; they are looked up one by one.
    public var opsetImports = 256
    /// How many dimensions one tensor may have.
    public var tensorRank = 64
    /// The newest version of the default operator set: ONNX 1.23's. A later one may change an operator.
    public var newestOpset = 28

    /// The limits that docs/limits.md lists.
    public init() {}

    /// What files are read with unless the caller says otherwise.
    public static let `default` = ImportLimits()

    /// The oldest IR version that is read; 3 is the first that a released runtime took.
    static let oldestIR = 3
    /// The newest IR version that is read: ONNX 1.23's, whose messages `CONNX` describes.
    static let newestIR = 14
}
