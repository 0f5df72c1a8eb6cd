import Calibration
import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Turns a float network into one that computes in 8-bit integers, from images, without labels and without training.
///
/// First the float network runs on all images, which gives the range of every value. Then both networks are walked
/// layer by layer, the float one and the quantised one as far as it is. A layer's weights are fitted, on the quantised
/// network's own inputs, to the results that the float network has there, and rounded with a view to those inputs
/// (`RowRounding`); so a layer makes up for the errors of those before it. See docs/int8.md.
public struct Quantizer {
    private let options: QuantizationOptions
    private let division: SampleDivision
    private let workers: Workers
    private var float: NetworkWalk
    private var quantized: NetworkWalk
    private var rounded: [(layer: QuantizableLayer, weights: IntegerWeights)] = []
    private var outcomes: [QuantizedNetwork.Layer] = []

    /// Quantises a network.
    ///
    /// - Parameters:
    ///   - graph: canonical, BatchNormalization folded, float32; its first input takes images.
    ///   - images: in the form that the input takes; the first `options.samples` are used.
    ///   - floating: layers to leave in float.
    ///   - progress: called now and then with the progress, from the calling thread.
    /// - Throws: `QuantizationError`, `CalibrationError`; any error of running the network.
    public static func quantize(
        _ graph: Graph, images: any CalibrationImages, options: QuantizationOptions,
        leaving floating: Set<NodeID> = [], progress: (CalibrationProgress) -> Void = { _ in }
    ) throws -> QuantizedNetwork {
        if let node = graph.nodes.first(where: {
            $0.isQuantization || $0.operatorType.hasPrefix("QLinear")
        }) {
            throw QuantizationError.alreadyQuantized(graph.label(of: node))
        }
        let graph = try raised(graph)
        let plan = QuantizationPlan(graph, leaving: floating)
        guard !plan.layers.isEmpty else { throw noLayer(graph) }
        guard graph.imageType == .float32 else {
            throw CalibrationError.elementType(graph.imageType.onnxName)
        }
        let inputs = try NetworkInputs(graph, images)
        let batch = inputs.format.batch
        let samples = min(options.samples, inputs.count)
        guard samples >= max(2, batch ?? 1) else { throw CalibrationError.tooFewImages(samples) }
        let division = SampleDivision(samples: samples, chunk: chunk(graph), batch: batch)
        let chunks = try division.chunks.enumerated().map { chunk, samples in
            try inputs.batch(Array(samples), in: division.circle(ofChunk: chunk))
        }
        let histograms = try RangeMeasurement(graph: graph, values: plan.values, options: options).histograms(
            Array(chunks[division.fitted])
        ) {
            progress(CalibrationProgress(step: "ranges", share: 0.3 * $0))
        }
        let scales = histograms.mapValues { histogram in
            let range = RangeSearch(histogram: histogram, integers: options.activations).best()
            return ActivationScale(range, options.activations)
        }
        let prepared = try ActivationPairs(scales: scales).inserted(into: graph, at: plan.values)
        var quantizer = try Quantizer(graph, prepared, plan, chunks, division, options)
        let (weights, outcomes, comparison) = try quantizer.run {
            progress(CalibrationProgress(step: $0.step, share: 0.3 + 0.7 * $0.share))
        }
        return QuantizedNetwork(
            graph: try WeightPairs(graph: prepared).replaced(weights), layers: outcomes,
            activations: activations(plan, graph, scales, histograms), comparison: comparison)
    }

    /// Why a graph has no layer to quantise.
    private static func noLayer(_ graph: Graph) -> QuantizationError {
        let half = graph.nodes.first { node in
            (node.isOperator("Conv") || node.isOperator("Gemm"))
                && node.input(1).flatMap { graph[$0].tensorType }?.elementType == .float16
        }
        return half.map { .halfPrecision(graph.label(of: $0)) } ?? .noLayer
    }

    /// The graph at an opset that has a scale for each channel.
    private static func raised(_ graph: Graph) throws -> Graph {
        let need = 13
        switch try OpsetUpgrade.raise(graph, to: need) {
        case .success(let raised): return try ShapeInference.infer(raised)
        case .failure(let obstacle):
            throw QuantizationError.opset(have: graph.opsets.onnx, need: need, obstacle: obstacle.node)
        }
    }

    /// As many samples as keep the activations of one run through the network near 256 MiB, at most 64.
    private static func chunk(_ graph: Graph) -> Int {
        let elements = graph.values.reduce(0) { total, value in
            guard value.constant == nil, let dims = value.shape?.dims.dropFirst() else { return total }
            return total + (Shape(Array(dims)).elementCount ?? 0)
        }
        return min(64, max(1, (1 << 26) / max(1, elements)))
    }

    private static func activations(
        _ plan: QuantizationPlan, _ graph: Graph, _ scales: [ValueID: ActivationScale],
        _ histograms: [ValueID: MagnitudeHistogram]
    ) -> [QuantizedNetwork.Activation] {
        var members: [ValueID: [String]] = [:]
        for (value, group) in plan.values { members[group, default: []].append(graph[value].name) }
        return members.sorted { $0.key < $1.key }.compactMap { group, values in
            guard let scale = scales[group], let histogram = histograms[group] else { return nil }
            return QuantizedNetwork.Activation(
                values: values, scale: scale, seen: histogram.low...histogram.high,
                clipped: histogram.share(outside: scale.range))
        }
    }

    private init(
        _ graph: Graph, _ prepared: Graph, _ plan: QuantizationPlan, _ chunks: [[Tensor]],
        _ division: SampleDivision, _ options: QuantizationOptions
    ) throws {
        (self.options, self.division) = (options, division)
        workers = Workers(count: max(1, options.threads))
        float = try NetworkWalk(graph, plan.layers, chunks, options)
        quantized = try NetworkWalk(
            prepared, plan.layers.compactMap { QuantizableLayer($0.node, in: prepared) }, chunks, options)
    }

    private mutating func run(progress: (CalibrationProgress) -> Void) throws -> (
        [(layer: QuantizableLayer, weights: IntegerWeights)], [QuantizedNetwork.Layer], Calibration.Comparison
    ) {
        let work = float.schedule.stations.count
        while let part = try float.advance() {
            guard let other = try quantized.advance(), case .station(let layer) = other.content,
                case .station(let original) = part.content, layer.node == original.node
            else { throw QuantizationError.unreachable(float.label(of: part)) }
            progress(
                CalibrationProgress(step: float.label(of: part), share: Double(rounded.count) / Double(work)))
            try pass(layer, part, other)
        }
        _ = try quantized.advance()
        return (rounded, outcomes, try comparison())
    }

    /// Fits and rounds a layer, and moves both networks over it.
    private mutating func pass(
        _ layer: QuantizableLayer, _ part: LayerSchedule.Part, _ other: LayerSchedule.Part
    ) throws {
        let graph = quantized.schedule.graph
        let name = graph.label(of: graph[layer.node])
        guard let weights = layer.weights(in: graph),
            let step = graph.producer(of: layer.input).flatMap({ graph.constant($0.input(1))?.floats?.first })
        else { throw QuantizationError.unreachable(name) }
        try float.run(part)
        let fit = LayerFit(layer: layer, weights: weights, step: step, options: options, workers: workers)
        let (integers, noise) = try fit.rounded(name: name) { sums in
            for chunk in division.fitted {
                guard let inputs = quantized.live.chunks[chunk][layer.input],
                    let targets = float.results[chunk]
                else { throw QuantizationError.unreachable(name) }
                try sums.add(
                    inputs, targets, fit.sampler(division.fittedSamples),
                    first: division.chunks[chunk].lowerBound, workers)
            }
        }
        try quantized.run(
            other, with: integers.dequantized(groups: weights.groups, input: step), for: layer)
        var comparison = ScoreComparison()
        for chunk in division.compared {
            if let mine = quantized.results[chunk], let theirs = float.results[chunk] {
                try comparison.add(mine, reference: theirs)
            }
        }
        rounded.append((layer, integers))
        outcomes.append(
            QuantizedNetwork.Layer(
                node: layer.node, name: name, weightsSNR: noise.weights, inputSNR: noise.input,
                error: comparison.relativeError))
    }

    /// Both networks' outputs, on the images that no fit saw.
    private func comparison() throws -> Calibration.Comparison {
        var comparison = ScoreComparison()
        let (end, other) = (float.schedule.ends[0], quantized.schedule.ends[0])
        for chunk in division.compared {
            if let mine = quantized.live.chunks[chunk][other], let theirs = float.live.chunks[chunk][end] {
                try comparison.add(mine, reference: theirs)
            }
        }
        return Calibration.Comparison(comparison, isHeldOut: !division.heldOut.isEmpty)
    }
}
