import Calibration
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Quantization

/// A network in 8-bit integers, in the QDQ form of ONNX.
public struct QuantizedModel: Sendable {
    /// The request.
    public let request: QuantizationRequest
    /// The model that was quantised, its input shapes fixed.
    public let source: Model
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
    ///   - sourceSHA256: the hash of the source file's bytes, for the record; nil for a network that has no file.
    ///   - progress: called now and then with the progress, from the calling thread.
    /// - Throws: `QuantizationError`, `CalibrationError`; any error of reading images and of running the network.
    public init(
        _ source: Model, _ request: QuantizationRequest,
        _ settings: CalibrationSettings = CalibrationSettings(), sourceSHA256: String? = nil,
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws {
        self.request = request
        var source = source
        if let fixed = try FixInputShapes(request.inputShapes).run(source.graph) { source.graph = fixed }
        self.source = source
        // A converted file's manifest names the values of its blocks, which other passes might rename.
        let pipeline =
            Manifest.isIn(source)
            ? Pipeline([FoldBatchNormalization(), EliminateDeadCode()])
            : Pipeline.canonical(batchNormalization: .folded)
        float = try ShapeInference.infer(try pipeline.run(source.graph))
        if let image = float.openImage { throw QuantizationError.openSize(image) }
        let supply = try ImageSupply(
            request.images, for: float, statistics: source.graph, seed: request.seed,
            threads: settings.threads)
        imageNote = supply.note
        let options = QuantizationOptions(
            activations: request.activations, rounding: request.rounding,
            weightRange: request.weightRange,
            samples: request.images.samples, seed: request.seed, threads: settings.threads,
            limits: settings.limits)
        let search = FloatLayerSearch(graph: float, supply: supply, options: options, settings: settings)
        (network, left) = try search.network(maxDrop: request.maxDrop, progress)
        raisedFromOpset = network.graph.opsets.onnx > float.opsets.onnx ? float.opsets.onnx : nil
        let record = QuantizationRecord(
            request: request, floatLayers: left, sourceSHA256: sourceSHA256,
            sourceProducer: source.producer)
        var model = source.replacingGraph(network.graph)
        model.metadata += try record.entries()
        model.producerName = ModConvertVersion.producer
        model.producerVersion = ModConvertVersion.text
        self.model = model
    }
}

extension Graph {
    /// The name of the first input, if it takes images whose height or width is not fixed.
    fileprivate var openImage: String? {
        guard let input = requiredInputs.first.map({ self[$0] }), let shape = input.shape, shape.rank == 4,
            shape.dims.dropFirst().contains(where: { $0.value == nil })
        else { return nil }
        return input.name
    }
}
