/// What a file says of a value beside its type. None of it changes what is computed; all of it is carried along.
public struct ValueNotes: Sendable, Equatable {
    /// A text for people.
    public var docString: String
    /// Keys and values of the value (IR 10).
    public var metadata: [MetadataEntry]
    /// What the value means; nil if the file does not say.
    public var denotation: Denotation?
    /// The names of the tensors that quantise the value, by their role, such as `SCALE_TENSOR`
    /// (`TensorAnnotation`).
    public var quantization: [MetadataEntry]

    /// Notes of the given parts; none by default.
    public init(
        docString: String = "", metadata: [MetadataEntry] = [], denotation: Denotation? = nil,
        quantization: [MetadataEntry] = []
    ) {
        self.docString = docString
        self.metadata = metadata
        self.denotation = denotation
        self.quantization = quantization
    }

    /// Whether nothing is noted.
    public var isEmpty: Bool { self == ValueNotes() }

    /// These notes, and where they say nothing those of `other`.
    public func merged(with other: ValueNotes) -> ValueNotes {
        ValueNotes(
            docString: docString.isEmpty ? other.docString : docString,
            metadata: metadata.isEmpty ? other.metadata : metadata,
            denotation: denotation ?? other.denotation,
            quantization: quantization.isEmpty ? other.quantization : quantization)
    }
}

/// What a tensor and its axes mean, in ONNX's terms (TypeDenotation.md, DimensionDenotation.md).
public struct Denotation: Sendable, Equatable {
    /// Of the whole tensor, such as `IMAGE`; may be empty.
    public var type: String
    /// Of each axis, such as `DATA_BATCH`; empty where the file does not say.
    public var axes: [String]

    /// The denotation of these parts; nil if none of them says anything.
    public init?(type: String, axes: [String]) {
        guard !type.isEmpty || axes.contains(where: { !$0.isEmpty }) else { return nil }
        self.type = type
        self.axes = axes
    }
}
