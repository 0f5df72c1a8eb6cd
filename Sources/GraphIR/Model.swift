/// A whole model: its graph and the file's other fields (ONNX `ModelProto`).
public struct Model: Sendable {
    /// The version of the ONNX file format (`ir_version`); 3 to 13 in today's files.
    public var irVersion: Int
    /// The computation.
    public var graph: Graph
    /// The tool that wrote the file.
    public var producerName: String
    /// The version of that tool.
    public var producerVersion: String
    /// The namespace of the model, in reverse-DNS form; usually empty.
    public var domain: String
    /// The author's version number of the model.
    public var modelVersion: Int
    /// The model's doc string.
    public var docString: String
    /// The file's metadata (`metadata_props`), in its order.
    public var metadata: [MetadataEntry]
    /// The serialised `DeviceConfigurationProto` messages (IR 11), kept unchanged.
    public var deviceConfigurations: [[UInt8]] = []
    /// The serialised `TrainingInfoProto` messages. They name nodes and initialisers, so they are valid only
    /// for the graph that was read.
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

    /// The exporter that the file names, with its version; nil if it names none.
    public var producer: String? {
        let words = [producerName, producerVersion].filter { !$0.isEmpty }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// The value of a metadata key.
    public func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
}
