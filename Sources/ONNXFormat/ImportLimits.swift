/// The limits of reading a file. Each limit guards against one way in which a small or broken file could cost
/// unbounded time, memory or stack. Raise one for a file that is trusted and large.
public struct ImportLimits: Sendable, Equatable {
    /// The deepest nesting of messages. A subgraph within a subgraph is three levels deeper.
    ///
    /// Decoding recurses once per level; ONNX's own protobuf parser stops at 100 as well.
    public var messageDepth = 100
    /// The most nodes of a model, including those of subgraphs and functions. With so many, every command ends within
    /// about ten seconds of processor time.
    public var nodes = 30_000
    /// The most bytes of the decoded description: nodes, names, attributes, types, but not weights.
    ///
    /// The reader estimates them while it walks the file, before it allocates anything.
    public var descriptionBytes = 1 << 30
    /// The most bytes of weights unpacked from typed fields (`int64_data` and the like), which cannot stay in
    /// the file's mapping.
    public var unpackedTensorBytes = 4 << 30
    /// The most attributes of one node; they are searched linearly.
    public var attributesPerNode = 256
    /// The most operator sets that a model imports; they are searched linearly.
    public var opsetImports = 256
    /// The most dimensions of one tensor.
    public var tensorRank = 64
    /// The newest supported version of the default operator set: ONNX 1.23's. A later one may change an
    /// operator.
    public var newestOpset = 28

    /// The limits that docs/limits.md lists.
    public init() {}

    /// The limits unless the caller gives others.
    public static let `default` = ImportLimits()

    /// The oldest supported IR version; 3 is the first that a released runtime supported.
    static let oldestIR = 3
    /// The newest supported IR version: ONNX 1.23's, whose messages `CONNX` describes.
    static let newestIR = 14
}
