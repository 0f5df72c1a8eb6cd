import Conversion
import GraphIR
import MixtureOfDepths
import Quantization

/// A quantisation's record in sentences.
struct QuantizationSentences {
    let record: QuantizationRecord
    /// Whether the file has a conversion's manifest too, whose sentences come before these.
    let isConverted: Bool
    let file: String
    /// The tool that wrote the file, with its version.
    let tool: String

    var all: [String] {
        // A conversion's own images were told.
        let images = record.sourceSHA256 == nil ? nil : record.request.images.preprocessingSentence
        return [origin, preparation, integers, fit, images, floatLayers].compactMap { $0 }
    }

    private var origin: String? {
        guard let hash = record.sourceSHA256 else {
            return isConverted ? nil : "\(file) is a network in 8-bit integers that \(tool) made."
        }
        let producer = record.sourceProducer.map { " of \($0)" } ?? ""
        return isConverted
            ? "The converted file, with the SHA-256 \(hash), was then quantised to 8-bit integers."
            : "\(file) is a network in 8-bit integers that \(tool) made from a file\(producer) with the SHA-256 "
                + "\(hash)."
    }

    private var preparation: String? {
        guard !record.request.inputShapes.isEmpty else { return nil }
        let steps = record.request.inputShapes.map { "the input shape was fixed to \($0)" }
        return "Before the quantisation \(steps.joined(separator: ", and "))."
    }

    private var integers: String {
        let activations =
            record.request.activations == .unsigned
            ? "uint8 with a zero point for each scale" : "int8 with zero point 0"
        let limit =
            switch record.request.weightRange {
            case .neighbours: "up to 127, two neighbours up to 128 for processors without VNNI,"
            case .half: "up to 63"
            case .full: "up to 127"
            }
        return "Layers compute in integers: activations are \(activations), weights int8 \(limit) "
            + "with a scale for each output."
    }

    private var fit: String {
        let images =
            record.sourceSHA256 == nil && isConverted ? "the same images" : record.request.images.phrase
        let rounding =
            record.request.rounding == .gram
            ? "weights were fitted there, and each was rounded with a view to the errors of the others"
            : "each weight was rounded to the nearest integer"
        return "Ranges were chosen on \(images); \(rounding); the seed is \(record.request.seed)."
    }

    private var floatLayers: String? {
        guard let bound = record.request.maxDrop else { return nil }
        let start =
            "So that at most \(Quantity.fixed(100 * bound, decimals: 2)) % of the predictions change, "
        guard !record.floatLayers.isEmpty else { return start + "no layer had to stay in float." }
        let noun = record.floatLayers.count == 1 ? "layer stays" : "layers stay"
        return start
            + "\(record.floatLayers.count) \(noun) in float: \(record.floatLayers.joined(separator: ", "))."
    }
}
