import Calibration
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Quantization

/// The request for a quantisation.
public struct QuantizationRequest: Sendable {
    /// The images that ranges and weights are fitted to.
    public var images: CalibrationData
    /// How weights become integers.
    public var rounding: WeightRounding
    /// The integers that activations become.
    public var activations: ActivationIntegers
    /// Whether weights take 7 bits.
    public var reducesRange: Bool
    /// The share of images, at most, for which the result may predict another class than the float network; nil for no
    /// bound. Layers stay in float for it.
    public var maxDrop: Double?
    /// The seed of everything that is drawn.
    public var seed: UInt64

    /// A request; the default is what most runtimes run fastest.
    public init(
        images: CalibrationData = CalibrationData(), rounding: WeightRounding = .gram,
        activations: ActivationIntegers = .unsigned, reducesRange: Bool = false, maxDrop: Double? = nil,
        seed: UInt64 = 0
    ) {
        self.images = images
        self.rounding = rounding
        self.activations = activations
        self.reducesRange = reducesRange
        self.maxDrop = maxDrop
        self.seed = seed
    }

    /// The largest magnitude of a weight.
    public var largestWeight: Int { reducesRange ? 63 : 127 }
}

/// A network in 8-bit integers, in the QDQ form of ONNX.
public struct QuantizedModel: Sendable {
    /// The request.
    public let request: QuantizationRequest
    /// The float network: the source in canonical form.
    public let float: Graph
    /// The quantised network with its layers and scales.
    public let network: QuantizedNetwork
    /// The model that can be written.
    public let model: Model
    /// The layers that a bound on the loss left in float, in the network's order.
    public let left: [String]
    /// The opset before the quantisation, if it had to be raised.
    public let raisedFromOpset: Int?
    /// A sentence on a change to the images that can be seen in them; nil if there was none.
    public let imageNote: String?

    /// Quantises a model.
    ///
    /// - Parameters:
    ///   - source: a float32 network, converted or not.
    ///   - progress: called now and then with the progress, from the calling thread.
    /// - Throws: `QuantizationError`, `CalibrationError`; any error of reading images and of running the network.
    public init(
        _ source: Model, _ request: QuantizationRequest,
        _ settings: CalibrationSettings = CalibrationSettings(),
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws {
        self.request = request
        // A converted file's manifest names the values of its blocks, which other passes might rename.
        let pipeline =
            Manifest.isIn(source)
            ? Pipeline([FoldBatchNormalization(), EliminateDeadCode()])
            : Pipeline.canonical(batchNormalization: .folded)
        float = try ShapeInference.infer(try pipeline.run(source.graph))
        let supply = try ImageSupply(
            request.images, for: float, statistics: source.graph, seed: request.seed,
            threads: settings.threads)
        imageNote = supply.note
        let options = QuantizationOptions(
            activations: request.activations, rounding: request.rounding,
            largestWeight: request.largestWeight,
            samples: request.images.samples, seed: request.seed, threads: settings.threads,
            limits: settings.limits)
        let search = FloatLayerSearch(graph: float, supply: supply, options: options, settings: settings)
        (network, left) = try search.network(maxDrop: request.maxDrop, progress)
        raisedFromOpset = network.graph.opsets.onnx > float.opsets.onnx ? float.opsets.onnx : nil
        var model = source.replacingGraph(network.graph)
        model.metadata += QuantizedModel.record(request, left)
        model.producerName = ModConvertVersion.producer
        model.producerVersion = ModConvertVersion.text
        self.model = model
    }

    /// The entries that tell how the file was quantised.
    private static func record(_ request: QuantizationRequest, _ left: [String]) -> [MetadataEntry] {
        let facts: [(String, String)] = [
            ("activations", request.activations.rawValue), ("rounding", request.rounding.rawValue),
            ("largest-weight", "\(request.largestWeight)"), ("images", request.images.source),
            ("samples", "\(request.images.samples)"), ("seed", "\(request.seed)"),
            ("float-layers", left.joined(separator: "\n")),
        ]
        return facts.filter { !$0.1.isEmpty }.map {
            MetadataEntry(key: "\(Manifest.prefix)int8-\($0.0)", value: $0.1)
        }
    }
}
