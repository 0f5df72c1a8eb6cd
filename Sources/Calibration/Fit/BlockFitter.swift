import GraphIR
import MixtureOfDepths
import Operators

/// Fits the parameters of one block to what the source computes there.
///
/// Layers are fitted in order, on the converted network's own activations. The targets of a layer are the
/// source's results before the activation; those of the last layer are the source's sum minus the converted
/// shortcut. This last term makes a block repair the losses of the blocks before it.
struct BlockFitter {
    let part: BlockPart
    let fit: FitContext
    let record: SourceRecord
    /// The converted network's activations before the block.
    let current: ActivationStream

    /// The fitted values of a block, and how to run it with them.
    struct Fitted {
        var parameters: BlockPart.Parameters
        var choice = SampleChoice.everything
        /// The bias that each sample gets, for the outputs that the block computes; nil for none.
        var bias: DynamicBias?
        /// Whether the block is left out and passes its input.
        var isDropped = false
    }

    /// A block that stays, with all its convolutions fitted anew.
    func standard() throws -> Fitted {
        try fitted(
            BlockPart.Parameters(layers: part.original.layers, projection: part.original.projection),
            .everything, columns: part.body.layers.map { _ in nil })
    }

    /// Fits all layers of a block in order.
    ///
    /// - Parameters:
    ///   - priors: the parameters that the fits stay close to.
    ///   - columns: for each layer, the outputs of the source's layer to reproduce; nil for all.
    ///   - biasRank: the features of a bias that each sample gets; nil for none.
    func fitted(
        _ priors: BlockPart.Parameters, _ choice: SampleChoice, columns: [[Int]?], biasRank: Int? = nil
    ) throws -> Fitted {
        var parameters = priors
        guard fit.weights != .keep else { return Fitted(parameters: parameters, choice: choice) }
        if let projection = part.projection, let prior = priors.projection {
            parameters.projection = try refit(
                projection, prior, parameters, choice, [.projectionInput]
            ) { chunk, _ in record.shortcuts[chunk] }.convolution
        }
        let last = part.body.layers.count - 1
        for (position, layer) in part.body.layers.enumerated() {
            // Grouped convolutions keep their weights: each filter reads too little to repair anything.
            if layer.groups == 1 {
                let isSum = position == last && part.endsInSum
                let taps: [BlockPart.Tap] = [.input(layer: position)] + (isSum ? [.shortcut] : [])
                let bias = try position == last ? biasRank.map(biasFeatures) : nil
                let refitted = try refit(
                    layer.convolution, priors.layers[position], parameters, choice, taps,
                    beside: bias?.values
                ) { chunk, values in
                    var targets = position == last ? record.sums[chunk] : record.results[position][chunk]
                    if isSum {
                        let first = fit.division.chunks[chunk].lowerBound
                        targets = targets.subtracting(
                            try fit.sampler.rows(of: values[1], first: first, fit.workers))
                    }
                    return columns[position].map(targets.selecting(columns:)) ?? targets
                }
                parameters.layers[position] = refitted.convolution
                parameters.bias = bias.map { DynamicBias(features: $0.map, response: refitted.response) }
            }
            for squeeze in layer.squeezes where columns[position] != nil {
                try refitSqueeze(squeeze, after: position, &parameters, choice)
            }
        }
        return Fitted(parameters: parameters, choice: choice, bias: parameters.bias)
    }

    /// Fits the convolution of a channel attention that reads the means of the units which are left, to what
    /// it computed from the means of all units. A row is a whole sample, so the ridge is that of routers.
    private func refitSqueeze(
        _ squeeze: NodeID, after layer: Int, _ parameters: inout BlockPart.Parameters,
        _ choice: SampleChoice
    ) throws {
        let weight = ConstantPlace(node: squeeze, input: 1)
        let offset = ConstantPlace(node: squeeze, input: 2)
        guard let means = part.graph[squeeze].input(0), part.graph[squeeze].input(2) != nil,
            let targets = record.squeezes[squeeze],
            let cut = parameters.constants[weight], let values = cut.floats,
            var prior = ConvolutionWeights(of: squeeze, in: part.graph)
        else { return }
        prior.shape = cut.shape
        prior.weights = values
        let session = try part.session(parameters, [.between(means, layer: layer)], fit.options)
        let fitted: ConvolutionWeights
        do {
            fitted = try fit.refit(
                prior, .point, output: [1, 1], block: part.block.scope, ridge: fit.options.routerRidge
            ) { chunk in (try session.run(try inputs(chunk, choice))[0], targets[chunk]) }.convolution
        } catch CalibrationError.singular {
            // The means do not vary from image to image, which leaves nothing to fit.
            return
        }
        parameters.constants[weight] = try Tensor(shape: fitted.shape, fitted.weights)
            .casting(to: cut.elementType)
        parameters.constants[offset] = try Tensor(shape: [fitted.bias.count], fitted.bias)
            .casting(to: cut.elementType)
    }

    /// Fits one convolution on the first of `taps`.
    private func refit(
        _ convolution: NodeID, _ prior: ConvolutionWeights, _ parameters: BlockPart.Parameters,
        _ choice: SampleChoice, _ taps: [BlockPart.Tap], beside further: SampleFeatures? = nil,
        targets: (Int, [Tensor]) throws -> SingleRows
    ) throws -> (convolution: ConvolutionWeights, response: ConvolutionWeights) {
        let session = try part.session(parameters, taps, fit.options)
        return try fit.refit(
            prior, try part.window(convolution), output: try outputExtents(convolution),
            block: part.block.scope, beside: further
        ) { chunk in
            let values = try session.run(try inputs(chunk, choice))
            return (values[0], try targets(chunk, values))
        }
    }

    /// The inputs of a run of the block on a chunk.
    func inputs(_ chunk: Int, _ choice: SampleChoice) throws -> [String: Tensor] {
        let x = current.chunks[chunk]
        var inputs = try choice.inputs(chunk: chunk) { try features(x) }
        inputs["x"] = x
        return inputs
    }

    /// The input of the block's first convolution, before channels are chosen.
    func features(_ x: Tensor) throws -> Tensor {
        guard !part.body.prefix.isEmpty else { return x }
        let session = try part.session(try part.original, [.features], fit.options)
        return try session.run(["x": x])[0]
    }

    /// Values of the block on each chunk, such as its output.
    func run(_ fitted: Fitted, to values: [ValueID], _ body: (Int, [Tensor]) throws -> Void) throws {
        let results = try results(fitted, values)
        for chunk in current.chunks.indices { try body(chunk, try results(chunk)) }
    }

    /// ||y - y_source||^2 / ||y_source||^2 over the chunks that alternatives are compared on.
    ///
    /// - Parameter source: the source's activations after the block.
    func error(_ fitted: Fitted, against source: ActivationStream) throws -> Double {
        let results = try results(fitted, [part.block.output])
        var (lost, whole) = (0.0, 0.0)
        for chunk in fit.division.compared {
            let y = try results(chunk)[0]
            let (difference, norm) = try y.squaredDistance(from: source.chunks[chunk])
            lost += difference
            whole += norm
        }
        return whole > 0 ? lost / whole : 0
    }

    /// Values of the block on a chunk. Of a block that is left out, its input stands for all of them.
    private func results(_ fitted: Fitted, _ values: [ValueID]) throws -> (Int) throws -> [Tensor] {
        guard !fitted.isDropped else {
            return { chunk in values.map { _ in current.chunks[chunk] } }
        }
        let taps = values.map { $0 == part.block.output ? BlockPart.Tap.output : .value($0) }
        let session = try part.session(fitted.parameters, taps, fit.options)
        return { try session.run(try inputs($0, fitted.choice)) }
    }

    private func outputExtents(_ convolution: NodeID) throws -> [Int] {
        let node = part.graph[convolution]
        let dims = node.output(0).flatMap { part.graph[$0].shape }?.dims.suffix(2).compactMap(\.value) ?? []
        guard dims.count == 2 else { throw CalibrationError.dynamicShape(part.graph[part.block.input].name) }
        return Array(dims)
    }
}

extension Tensor {
    /// The squared distance from a tensor of the same shape, and that tensor's squared norm.
    func squaredDistance(from other: Tensor) throws -> (distance: Double, norm: Double) {
        try withElements(of: Float.self) { mine in
            try other.withElements(of: Float.self) { theirs in
                var (distance, norm) = (0.0, 0.0)
                for (a, b) in zip(mine, theirs) {
                    let difference = Double(a) - Double(b)
                    distance += difference * difference
                    norm += Double(b) * Double(b)
                }
                return (distance, norm)
            }
        }
    }
}
