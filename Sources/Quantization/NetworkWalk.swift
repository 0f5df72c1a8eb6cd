import Calibration
import GraphIR
import MixtureOfDepths
import Runtime

/// The schedule of a quantisation: its stations are the layers.
typealias LayerSchedule = NetworkSchedule<QuantizableLayer>

/// One network on its way from layer to layer, with the activations of all samples.
struct NetworkWalk {
    let schedule: LayerSchedule
    private(set) var live: LiveActivations
    /// By chunk: the results of the last layer that was run.
    private(set) var results: [Tensor?]
    private var next = 0
    private let options: QuantizationOptions

    init(
        _ graph: Graph, _ layers: [QuantizableLayer], _ chunks: [[Tensor]], _ options: QuantizationOptions
    ) throws {
        schedule = try NetworkSchedule(graph, layers)
        let samples = chunks.reduce(0) { $0 + ($1.first?.shape.first ?? 0) }
        live = try LiveActivations(
            chunks, at: schedule.inputs, in: schedule.store(samples: samples, options.limits))
        results = chunks.map { _ in nil }
        self.options = options
    }

    /// Runs the nodes up to the next layer, which it returns; nil at the network's end.
    mutating func advance() throws -> LayerSchedule.Part? {
        while next < schedule.parts.count {
            let part = schedule.parts[next]
            if case .station = part.content { return part }
            let session = try schedule.session(of: part, threads: options.threads, options.limits)
            for chunk in live.chunks.indices { try live.pass(part, chunk: chunk, by: session) }
            next += 1
        }
        return nil
    }

    /// Runs a layer as the graph has it.
    mutating func run(_ part: LayerSchedule.Part) throws {
        try run(part, by: try schedule.session(of: part, threads: options.threads, options.limits))
    }

    /// Runs a layer with other weights.
    mutating func run(
        _ part: LayerSchedule.Part, with weights: ConvolutionWeights, for layer: QuantizableLayer
    ) throws {
        var graph = PartGraph(of: schedule.graph)
        try graph.addInput("x0", for: layer.input)
        let input = try graph.value(for: layer.input)
        let result =
            layer.window == nil
            ? try graph.addLinear(layer.node, weights, on: input)
            : try graph.addConvolution(layer.node, weights, on: input)
        try run(
            part, by: try graph.session(computing: [result], threads: options.threads, limits: options.limits)
        )
    }

    private mutating func run(_ part: LayerSchedule.Part, by session: PartSession) throws {
        for chunk in live.chunks.indices {
            let found = try session.run(live.inputs(part.inputs, chunk: chunk))
            try live.set(found, for: part.outputs, chunk: chunk)
            results[chunk] = part.outputs.first.flatMap { live.chunks[chunk][$0] }
            live.drop(part.lastReads, chunk: chunk)
        }
        next += 1
    }

    /// The layer as diagnostics name it.
    func label(of part: LayerSchedule.Part) -> String {
        guard case .station(let layer) = part.content else { return schedule.graph.name }
        return schedule.graph.label(of: schedule.graph[layer.node])
    }
}
