import GraphIR
import MixtureOfDepths
import Passes
import Quantization

/// A quantised file's record of its own making, in the model's `metadata_props`, beside a conversion's manifest.
///
/// With the source's bytes it lets the quantisation be repeated byte for byte.
public struct QuantizationRecord: Sendable, Equatable {
    /// The request.
    public let request: QuantizationRequest
    /// The layers that a bound on the loss left in float.
    public let floatLayers: [String]
    /// The SHA-256 of the float file's bytes; nil for a network that was converted and quantised in one go, whose
    /// manifest names the source.
    public let sourceSHA256: String?
    /// The exporter that the float file names, with its version.
    public let sourceProducer: String?

    private static let prefix = Manifest.prefix + "int8-"

    init(
        request: QuantizationRequest, floatLayers: [String], sourceSHA256: String?, sourceProducer: String?
    ) {
        self.request = request
        self.floatLayers = floatLayers
        self.sourceSHA256 = sourceSHA256
        self.sourceProducer = sourceProducer
    }

    /// The record of a model; nil if it has none, or an unreadable one.
    public init?(_ model: Model) {
        func fact(_ key: String) -> String? { model.metadata(QuantizationRecord.prefix + key) }
        let coder = ManifestCoder()
        guard let activations = fact("activations").flatMap(ActivationIntegers.init(rawValue:)),
            let rounding = fact("rounding").flatMap(WeightRounding.init(rawValue:)),
            let range = fact("weight-range").flatMap(WeightRange.init(rawValue:)),
            let images = fact("images"),
            let samples = fact("samples").flatMap({ Int($0) }),
            let seed = fact("seed").flatMap({ UInt64($0) })
        else { return nil }
        let preprocessing = fact("preprocessing").map {
            coder.value(CalibrationData.Preprocessing.self, $0)
        }
        let maxDrop = fact("max-drop").map { Double($0) }
        let shapes = fact("input-shapes").map { coder.value([String].self, $0) } ?? []
        guard preprocessing != .some(nil), maxDrop != .some(nil), let shapes else { return nil }
        let inputShapes = shapes.compactMap { InputShape($0) }
        guard inputShapes.count == shapes.count else { return nil }
        let request = QuantizationRequest(
            images: CalibrationData(
                source: images, preprocessing: preprocessing ?? nil, samples: samples),
            rounding: rounding, activations: activations, weightRange: range,
            maxDrop: maxDrop ?? nil, inputShapes: inputShapes, seed: seed)
        self.init(
            request: request,
            floatLayers: fact("float-layers")?.split(separator: "\n").map(String.init) ?? [],
            sourceSHA256: fact("source-sha256"), sourceProducer: fact("source-producer"))
    }

    /// The metadata entries, in a fixed order.
    func entries() throws -> [MetadataEntry] {
        let coder = ManifestCoder()
        let shapes = request.inputShapes.map(\.description)
        let facts: [(key: String, value: String?)] = [
            ("activations", request.activations.rawValue), ("rounding", request.rounding.rawValue),
            ("weight-range", request.weightRange.rawValue), ("images", request.images.source),
            ("preprocessing", try request.images.preprocessing.map { try coder.json($0) }),
            ("samples", "\(request.images.samples)"), ("seed", "\(request.seed)"),
            ("input-shapes", shapes.isEmpty ? nil : try coder.json(shapes)),
            ("max-drop", request.maxDrop.map { "\($0)" }),
            ("float-layers", floatLayers.isEmpty ? nil : floatLayers.joined(separator: "\n")),
            ("source-sha256", sourceSHA256), ("source-producer", sourceProducer),
        ]
        return facts.compactMap { key, value in
            value.map { MetadataEntry(key: QuantizationRecord.prefix + key, value: $0) }
        }
    }
}

extension QuantizationRequest {
    /// The options of `modconvert quantize` that express this request, without those of usual values.
    public var commandWords: [String] {
        var words = OptionWords()
        words.add(images)
        add(to: &words)
        words.add(
            "--target", Target.tensorrt.rawValue,
            unless: activations == .unsigned ? Target.tensorrt.rawValue : nil)
        words.add("--max-drop", maxDrop.map { "\($0)" })
        for shape in inputShapes { words.add("--input-shape", shape.description) }
        words.add("--seed", "\(seed)", unless: "0")
        return words.words
    }

    /// The options that make `modconvert convert` end in this quantisation; the images are the conversion's.
    public var conversionWords: [String] {
        var words = OptionWords()
        words.add("--int8")
        add(to: &words)
        return words.words
    }

    private func add(to words: inout OptionWords) {
        words.add("--rounding", rounding.rawValue, unless: WeightRounding.gram.rawValue)
        words.add("--weight-range", weightRange.rawValue, unless: WeightRange.neighbours.rawValue)
    }
}
