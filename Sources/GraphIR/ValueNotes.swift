/// A file's notes on a value besides its type. They do not affect the computation, and are kept unchanged.
public struct ValueNotes: Sendable, Equatable {
    /// The value's doc string.
    public var docString: String
    /// The value's metadata (IR 10).
    public var metadata: [MetadataEntry]
    /// The meaning of the value; nil if the file does not say.
    public var denotation: Denotation?
    /// The names of the tensors that quantise the value, by role, such as `SCALE_TENSOR`
    /// (`TensorAnnotation`).
    public var quantization: [MetadataEntry]

    /// Notes with the given parts; none by default.
    public init(
        docString: String = "", metadata: [MetadataEntry] = [], denotation: Denotation? = nil,
        quantization: [MetadataEntry] = []
    ) {
        self.docString = docString
        self.metadata = metadata
        self.denotation = denotation
        self.quantization = quantization
    }

    /// Whether there are no notes.
    public var isEmpty: Bool { self == ValueNotes() }

    /// These notes, completed by those of `other`.
    public func merged(with other: ValueNotes) -> ValueNotes {
        ValueNotes(
            docString: docString.isEmpty ? other.docString : docString,
            metadata: metadata.isEmpty ? other.metadata : metadata,
            denotation: denotation ?? other.denotation,
            quantization: quantization.isEmpty ? other.quantization : quantization)
    }
}

/// The meaning of a tensor and its axes, in ONNX's terms (TypeDenotation.md, DimensionDenotation.md).
public struct Denotation: Sendable, Equatable {
    /// The denotation of the whole tensor, such as `IMAGE`; may be empty.
    public var type: String
    /// The denotation of each axis, such as `DATA_BATCH`; empty where the file does not say.
    public var axes: [String]

    /// The denotation with these parts; nil if all of them are empty.
    public init?(type: String, axes: [String]) {
        guard !type.isEmpty || axes.contains(where: { !$0.isEmpty }) else { return nil }
        self.type = type
        self.axes = axes
    }
}
