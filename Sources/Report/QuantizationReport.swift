import Conversion
import GraphIR
import MixtureOfDepths
import Operators
import Quantization
import Verification

/// A quantisation: its layers, its scales and what it costs.
public struct QuantizationReport: JSONDocument, Sendable {
    public static let schema = "quantization/1"

    /// The losses of one layer; see docs/int8.md.
    struct Layer: Encodable {
        let name: String
        /// Decibels.
        let weightsSnr: Double
        let inputSnr: Double
        /// Relative squared error of the layer's results, all errors before it included.
        let error: Double
    }

    /// A scale and the values that share it.
    struct Scale: Encodable {
        let values: [String]
        let scale: Double
        let zeroPoint: Int
        let least: Double
        let greatest: Double
        /// The share of numbers beyond the integers' range.
        let clipped: Double
    }

    /// The quantised network next to the float one on calibration images.
    struct Agreement: Encodable {
        let samples: Int
        /// Whether no fit saw these images.
        let isHeldOut: Bool
        let agreement: Double
        let error: Double
    }

    let source: String
    let output: String
    let rounding: String
    let activations: String
    let weightRange: String
    let seed: UInt64
    let convention: String
    /// Strict multiply-accumulates for one sample, and those of the layers in integers.
    let macs: Int
    let int8Macs: Int
    let weightBytesBefore: Int
    let weightBytesAfter: Int
    let layers: [Layer]
    /// Layers that a bound on the loss left in float.
    let floatLayers: [String]
    let scales: [Scale]
    let calibration: Agreement
    /// Nil if the user did not ask for it, or a conversion reports it.
    let verification: VerificationReport?
    let notes: [String]

    /// A report of a quantised model.
    public init(
        _ model: QuantizedModel, source: String, output: String, _ verification: Verification? = nil
    ) {
        self.verification = verification.map(VerificationReport.init)
        self.source = source
        self.output = output
        rounding = model.request.rounding.rawValue
        activations = model.request.activations == .unsigned ? "uint8" : "int8"
        weightRange = model.request.weightRange.rawValue
        seed = model.request.seed
        convention = MACCount.Convention.strict.text
        macs = MACCount(model.float).total(.strict)
        int8Macs = MACCount(model.network.graph).totalIntegerMACs
        weightBytesBefore = model.float.weightBytes
        weightBytesAfter = model.network.graph.weightBytes
        layers = model.network.layers.map {
            Layer(name: $0.name, weightsSnr: $0.weightsSNR, inputSnr: $0.inputSNR, error: $0.error)
        }
        floatLayers = model.left
        scales = model.network.activations.map {
            Scale(
                values: $0.values, scale: Double($0.scale.scale), zeroPoint: $0.scale.zeroPoint,
                least: Double($0.seen.lowerBound), greatest: Double($0.seen.upperBound), clipped: $0.clipped)
        }
        let comparison = model.network.comparison
        calibration = Agreement(
            samples: comparison.samples, isHeldOut: comparison.isHeldOut, agreement: comparison.agreement,
            error: comparison.error)
        notes = QuantizationReport.notes(model)
    }

    private static func notes(_ model: QuantizedModel) -> [String] {
        var notes: [String] = []
        if let note = model.imageNote { notes.append(note) }
        if let opset = model.raisedFromOpset {
            notes.append(
                "opset raised from \(opset) to \(model.network.graph.opsets.onnx): scales for each channel need it"
            )
        }
        if model.request.images.isSynthetic {
            notes.append("ranges come from generated images; real ones give better ones (--calibrate)")
        }
        let clipped = model.network.activations.filter { $0.clipped > 0.01 }
        if let first = clipped.first?.values.first {
            notes.append(
                clipped.count == 1
                    ? "the scale of \"\(first)\" clips more than 1% of its numbers"
                    : "\(clipped.count) scales clip more than 1% of their numbers, the first is that of \"\(first)\""
            )
        }
        return notes
    }

    /// The text that the command prints.
    public var text: String {
        var table = TextTable([
            ("layer", .left), ("weights dB", .right), ("input dB", .right), ("error", .right),
        ])
        for layer in layers {
            table.add([
                layer.name, Quantity.fixed(layer.weightsSnr, decimals: 1),
                Quantity.fixed(layer.inputSnr, decimals: 1), Quantity.error(layer.error.squareRoot()),
            ])
        }
        return table.text + "\n" + facts
    }

    private var facts: String {
        var list = FactList()
        list.add("written", output)
        list.add(
            "integers",
            "\(layers.count) layers, \(activations) activations, int8 weights (\(rounding), range \(weightRange))"
        )
        list.add("", "\(scales.count) scales for \(scales.reduce(0) { $0 + $1.values.count }) values")
        if !floatLayers.isEmpty {
            list.add(
                "float", "\(floatLayers.count) layers for --max-drop: \(floatLayers.joined(separator: ", "))")
        }
        list.add(
            "int8 MACs", "\(Quantity.share(int8Macs, of: macs)) of \(Quantity.count(macs)) (\(convention))")
        list.add("weights", "\(Quantity.bytes(weightBytesBefore)) -> \(Quantity.bytes(weightBytesAfter))")
        let images = calibration.isHeldOut ? "images that no fit saw" : "calibration images"
        list.add(
            "agreement",
            "\(Quantity.fixed(calibration.agreement * 100, decimals: 1))% of \(calibration.samples) \(images) "
                + "(same class as the float network)")
        for note in notes { list.add("note", note) }
        return list.text
    }
}

extension Graph {
    fileprivate var weightBytes: Int { initializers.reduce(0) { $0 + ($1.initializer?.bytes.count ?? 0) } }
}
