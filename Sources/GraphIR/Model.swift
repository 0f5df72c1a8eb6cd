/// A whole model: its graph, and what the file says about itself (ONNX `ModelProto`).
public struct Model: Sendable {
    /// The version of the ONNX file format (`ir_version`), 3 to 13 in files of today.
    public var irVersion: Int
    /// What the model computes.
    public var graph: Graph
    /// The tool that wrote the file.
    public var producerName: String
    /// That tool's version.
    public var producerVersion: String
    /// The namespace of the model, in reverse-DNS form; mostly empty.
    public var domain: String
    /// The version that the model's author counts.
    public var modelVersion: Int
    /// A text for people.
    public var docString: String
    /// Keys and values that the file carries (`metadata_props`), in its order.
    public var metadata: [MetadataEntry]
    /// The serialised `DeviceConfigurationProto` messages (IR 11), carried along unchanged.
    public var deviceConfigurations: [[UInt8]] = []
    /// The serialised `TrainingInfoProto` messages. They name nodes and initialisers of the graph, so that they
    /// hold for the graph that was read only.
    public var trainingInfo: [ByteRegion] = []

    /// A model of the given parts.
    public init(
        irVersion: Int, graph: Graph, producerName: String = "", producerVersion: String = "",
        domain: String = "", modelVersion: Int = 0, docString: String = "",
        metadata: [MetadataEntry] = []
    ) {
        self.irVersion = irVersion
        self.graph = graph
        self.producerName = producerName
        self.producerVersion = producerVersion
        self.domain = domain
        self.modelVersion = modelVersion
        self.docString = docString
        self.metadata = metadata
    }

    /// The value of a metadata key.
    public func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
}
