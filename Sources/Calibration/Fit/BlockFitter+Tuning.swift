import GraphIR
import MixtureOfDepths
import Operators
import Tuning

extension BlockFitter {
    /// A tuned block, as calibration runs it and as emission writes it, and what tuning did.
    struct TunedBlock {
        let fitted: Fitted
        let block: FittedBlock
        let change: Calibration.Outcome.Tuning
    }

    /// Tunes all convolutions of a converted block together, from their fitted values:
    ///
    ///     min ||act(block(x)) - y||^2
    ///
    /// on the converted network's x and the source's y. The images that no fit sees decide how far it goes.
    ///
    /// - Parameters:
    ///   - source: the source's activations after the block.
    ///   - progress: called with the share that is done.
    /// - Returns: the block as it was, and why, if an operator has no gradient or nothing better was found.
    func tuned(
        _ fitted: Fitted, _ block: FittedBlock, to source: ActivationStream, progress: (Double) -> Void
    ) throws -> TunedBlock {
        func untouched(_ change: Calibration.Outcome.Tuning) -> TunedBlock {
            TunedBlock(fitted: fitted, block: block, change: change)
        }
        guard !fitted.isDropped else { return untouched(.none) }
        let graph = try TunableGraph(part, fitted.parameters, keptFilters: block.layers.last?.outputs)
        let program: Program
        do {
            program = try Program(graph.graph, parameters: graph.places.map(\.value), tuning: graph.counts)
        } catch {
            return untouched(.impossible(error.diagnostic.place ?? part.block.scope))
        }
        let data = TuningData(
            inputs: try inputs(program.inputs, of: graph.graph, fitted.choice), targets: source.chunks,
            fitted: fit.division.fitted, judging: fit.division.compared)
        let tuner = Tuner(program, data, TuningSettings(), fit.workers)
        var generator = SeededGenerator(seed: fit.options.seed, stream: "tuning/\(part.block.scope)")
        guard let tuned = try tuner.tune(using: &generator, progress: progress) else {
            return untouched(.none)
        }
        var result = fitted
        for (place, values) in zip(graph.places, tuned.parameters) {
            try result.parameters.set(values, at: place.place)
        }
        // Filters that were added to reach all channels are no part of the block.
        let layers = zip(result.parameters.layers, block.layers).map { $0.keeping(filters: $1.outputs) }
        return TunedBlock(
            fitted: result, block: block.replacing(layers: layers, constants: result.parameters.constants),
            change: .tuned(from: tuned.before, to: tuned.after))
    }

    /// The values of the graph that a program starts from, by chunk.
    private func inputs(
        _ values: [ValueID], of graph: Graph, _ choice: SampleChoice
    ) throws -> [[Tensor]] {
        let nodes = graph.nodes(behind: values) { graph.producer(of: $0) == nil }
        var frozen = PartGraph(of: graph)
        for input in graph.inputs { try frozen.addInput(graph[input].name, for: input) }
        try frozen.copy((nodes?.nodes ?? []).sorted(by: graph.places))
        let session = try frozen.session(
            computing: values.map { try frozen.value(for: $0) }, threads: fit.options.threads,
            limits: fit.options.limits)
        var found = [[Tensor]](repeating: [], count: values.count)
        for chunk in current.chunks.indices {
            for (place, tensor) in try session.run(inputs(chunk, choice)).enumerated() {
                found[place].append(try current.store.keeping(tensor))
            }
        }
        return found
    }
}

/// A converted block as a graph of its own, with the constants that are tuned.
private struct TunableGraph {
    /// A value that tuning changes.
    enum Place {
        case weights(layer: Int)
        case bias(layer: Int)
        case projectionWeights
        case projectionBias
        case constant(ConstantPlace)
    }

    let graph: Graph
    let places: [(value: ValueID, place: Place)]
    /// Of parameters that are not tuned as a whole, how many elements are.
    let counts: [ValueID: Int]

    /// - Parameter keptFilters: the filters of the last convolution that belong to the block.
    init(_ part: BlockPart, _ parameters: BlockPart.Parameters, keptFilters: Int?) throws {
        let (assembled, found) = try part.assembled(parameters, [.output] + part.allResults)
        guard let output = found[.output] else {
            throw CalibrationError.notComparable(part.graph[part.block.output].name)
        }
        let graph = try assembled.graph(computing: [output])
        var places: [(value: ValueID, place: Place)] = []
        var counts: [ValueID: Int] = [:]
        func add(_ result: ValueID?, _ weights: Place, _ bias: Place) {
            guard let node = result.flatMap({ graph.producer(of: $0) }) else { return }
            if let value = node.input(1) { places.append((value, weights)) }
            if let value = node.input(2) { places.append((value, bias)) }
        }
        for layer in parameters.layers.indices {
            add(found[.result(layer: layer)], .weights(layer: layer), .bias(layer: layer))
        }
        if let last = parameters.layers.last, let kept = keptFilters, kept < last.outputs {
            for (value, place) in places {
                switch place {
                case .weights(layer: parameters.layers.count - 1): counts[value] = kept * last.filter
                case .bias(layer: parameters.layers.count - 1): counts[value] = kept
                default: break
                }
            }
        }
        if parameters.projection != nil {
            add(found[.shortcut], .projectionWeights, .projectionBias)
        }
        // Of the nodes between, the convolutions of a squeeze-and-excitation.
        let replaced = assembled.replacements.sorted {
            ($0.key.node, $0.key.input) < ($1.key.node, $1.key.input)
        }
        for (place, value) in replaced where part.graph[place.node].isOperator("Conv") {
            places.append((value, .constant(place)))
        }
        (self.graph, self.places, self.counts) = (graph, places, counts)
    }
}

extension BlockPart {
    /// The results of all convolutions.
    fileprivate var allResults: [Tap] { body.layers.indices.map { .result(layer: $0) } + [.shortcut] }
}

extension BlockPart.Parameters {
    /// Takes tuned values.
    fileprivate mutating func set(_ values: [Float], at place: TunableGraph.Place) throws {
        switch place {
        case .weights(let layer): layers[layer].weights = values
        case .bias(let layer): layers[layer].bias = values
        case .projectionWeights: projection?.weights = values
        case .projectionBias: projection?.bias = values
        case .constant(let place):
            guard let old = constants[place] else { return }
            constants[place] = try Tensor(shape: old.shape, values).casting(to: old.elementType)
        }
    }
}

extension ConvolutionWeights {
    /// The first filters alone.
    fileprivate func keeping(filters count: Int) -> ConvolutionWeights {
        guard count < outputs else { return self }
        return selecting(outputs: Array(0..<count), inputs: nil)
    }
}
