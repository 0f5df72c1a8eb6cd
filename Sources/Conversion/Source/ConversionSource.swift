import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators

/// The file that is converted.
public struct ConversionSource: Sendable {
    /// The model as the file holds it.
    public let model: Model
    /// The SHA-256 of the file's bytes that the model was read from; nil for a model that was not read from
    /// one file.
    public var sha256: String? { fingerprint.value }
    /// The names of the weights that hold NaN or infinite numbers.
    public var nonFiniteWeights: [String] { nonFinite.value }
    /// Whether the file is known to hold untrained weights; see `UntrainedMark`.
    public let isUntrained: Bool

    private let fingerprint: Background<String?>
    private let nonFinite: Background<[String]>

    /// Reads a file. The hash and the search for NaN go on in the background, if there are threads for it.
    ///
    /// - Throws: `FileError`, `ONNXFormatError`.
    public init(path: String, limits: ImportLimits = .default, threads: Int = 2) throws {
        let (model, bytes) = try ONNXFile.readWithBytes(path: path, limits: limits)
        self.init(model, threads: threads) { Fingerprint.sha256(bytes) }
    }

    /// A model that was not read from one file; its conversions record no SHA-256 of a source.
    public init(_ model: Model) {
        self.init(model, threads: 1) { nil }
    }

    private init(_ model: Model, threads: Int, fingerprint: @escaping @Sendable () -> String?) {
        self.model = model
        self.fingerprint = Background(threads: threads, fingerprint)
        nonFinite = Background(threads: threads) { model.graph.nonFiniteInitializers.map(\.name) }
        isUntrained = UntrainedMark.isValid(in: model)
    }
}
