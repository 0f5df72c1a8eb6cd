/// A whole model: its graph, and what the file says about itself (ONNX `ModelProto`).
public struct Model: Sendable {
    public var irVersion: Int
    public var graph: Graph
    public var producerName: String
    public var producerVersion: String
    public var domain: String
    public var modelVersion: Int
    public var docString: String
    public var metadata: [MetadataEntry]
    /// Serialised `FunctionProto`s, carried along unchanged.
    public var functions: [[UInt8]]

    public init(
        irVersion: Int, graph: Graph, producerName: String = "", producerVersion: String = "",
        domain: String = "", modelVersion: Int = 0, docString: String = "",
        metadata: [MetadataEntry] = [], functions: [[UInt8]] = []
    ) {
        self.irVersion = irVersion
        self.graph = graph
        self.producerName = producerName
        self.producerVersion = producerVersion
        self.domain = domain
        self.modelVersion = modelVersion
        self.docString = docString
        self.metadata = metadata
        self.functions = functions
    }

    /// The value of a metadata key.
    public func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
}
