import GraphIR
import MixtureOfDepths

extension BlockFitter {
    /// Converts the block to a form.
    ///
    /// - Returns: the block as calibration runs it, and as emission writes it.
    func converted(to form: CalibratedForm) throws -> (fitted: Fitted, block: FittedBlock) {
        switch form {
        case .fixedHidden(let form): try converted(to: form)
        case .routedHidden(let form): try converted(to: form)
        case .fixedChannels(let form): try converted(to: form)
        case .routedChannels(let form): try converted(to: form)
        case .pairedChannels(let form): try converted(to: form)
        case .dropped(let form):
            (Fitted(parameters: try part.original, isDropped: true), .dropped(form))
        }
    }

    // MARK: A narrower body

    private func converted(to form: FixedHidden) throws -> (Fitted, FittedBlock) {
        let original = try part.original
        let units = chosenUnits(form.hidden, original.layers)
        let narrow = try narrowed(original, units, inputs: nil, .everything, form)
        return (
            narrow.fitted,
            .fixedHidden(form, layers: narrow.layers, constants: narrow.fitted.parameters.constants)
        )
    }

    private func converted(to form: FixedChannels) throws -> (Fitted, FittedBlock) {
        let original = try part.original
        let units = chosenUnits(form.hidden, original.layers)
        let consumer = original.layers[0].selecting(outputs: units.first, inputs: nil)
        let inputs = ColumnSelection.choose(
            form.processed, covariance: try featureMoments().covariance, consumer: consumer.byInput,
            fit.workers)
        let choice = SampleChoice.channels(
            current.chunks.map { [[Int]](repeating: inputs, count: $0.shape[0]) })
        let narrow = try narrowed(original, units, inputs: inputs, choice, form)
        return (narrow.fitted, .fixedChannels(form, inputs: inputs, layers: narrow.layers))
    }

    private func converted(to form: RoutedChannels) throws -> (Fitted, FittedBlock) {
        let original = try part.original
        let units = chosenUnits(form.hidden, original.layers)
        let gains = original.layers[0].inputNorms.map(Float.init)
        let choice = SampleChoice.channels(gains, count: form.processed, pooled: try pooledFeatures())
        // A slot sees different channels; the most frequently chosen ones give the prior.
        let inputs = SampleChoice.top(form.processed, of: mostChosen(choice, channels: gains.count))
        let narrow = try narrowed(original, units, inputs: inputs, choice, form)
        return (narrow.fitted, .routedChannels(form, gains: gains, layers: narrow.layers))
    }

    /// The body with some of its units, inputs and outputs, fitted.
    ///
    /// - Parameters:
    ///   - units: the units of each hidden layer that stay.
    ///   - inputs: the channels that the first convolution reads; nil for all.
    /// - Returns: the block as calibration runs it, and the narrow convolutions.
    func narrowed(
        _ original: BlockPart.Parameters, _ units: [[Int]], inputs: [Int]?, _ choice: SampleChoice,
        _ form: some CalibratedPayload
    ) throws -> (fitted: Fitted, layers: [ConvolutionWeights]) {
        let last = part.body.layers.count - 1
        var columns: [[Int]?] = units.map { $0 }
        // Of the paper's fusion, the first outputs; they are the only ones.
        let isPart = form is any ChannelForm && form.fused < form.channels
        columns.append(isPart ? Array(0..<form.fused) : nil)
        let layers = original.layers.enumerated().map { position, layer in
            layer.selecting(
                outputs: columns[position], inputs: position == 0 ? inputs : units[position - 1])
        }
        var parameters = BlockPart.Parameters(layers: layers, isGathered: inputs != nil)
        parameters.projection = original.projection
        parameters.constants = try constants(keeping: units)
        var fitted = try self.fitted(parameters, choice, columns: columns, biasRank: form.biasRank)
        let narrow = fitted.parameters.layers
        if isPart {
            fitted.parameters.layers[last] = narrow[last].padded(toOutputs: form.channels)
            fitted.parameters.bias = fitted.bias.map { bias in
                DynamicBias(
                    features: bias.features, response: bias.response.padded(toOutputs: form.channels))
            }
        }
        return (fitted, narrow)
    }

    /// The constants of the nodes between the convolutions, cut to the units of each hidden layer that stay.
    private func constants(keeping units: [[Int]]) throws -> [ConstantPlace: Tensor] {
        var constants: [ConstantPlace: Tensor] = [:]
        for (layer, chosen) in zip(part.body.layers, units) {
            for cut in layer.cuts {
                let source = part.graph.constant(part.graph[cut.node].input(cut.input))
                constants[cut.place] = try (constants[cut.place] ?? source)?.selecting(chosen, axis: cut.axis)
            }
        }
        return constants
    }

    /// The units of each hidden layer that stay, chosen from the last layer backwards. A depthwise convolution
    /// has the units of the layer before it.
    func chosenUnits(_ counts: [Int], _ layers: [ConvolutionWeights]) -> [[Int]] {
        var units: [[Int]] = []
        var next: [Int]?
        for layer in counts.indices.reversed() {
            if layers[layer + 1].isDepthwise, let same = next {
                units.insert(same, at: 0)
                continue
            }
            let consumer = layers[layer + 1].selecting(outputs: next, inputs: nil)
            let chosen = ColumnSelection.choose(
                counts[layer], parts: part.body.parts(ofHidden: layer),
                covariance: record.covariances[layer], consumer: consumer.byInput, fit.workers)
            units.insert(chosen, at: 0)
            next = chosen
        }
        return units
    }

    // MARK: Routed hidden units

    private func converted(to form: RoutedHidden) throws -> (Fitted, FittedBlock) {
        let original = try part.original
        let pooled = try pooledFeatures()
        let routers = try part.body.hidden.indices.map { layer in
            try router(layer, pooled, gains: original.layers[layer + 1].inputNorms)
        }
        let choice = try SampleChoice.units(routers, counts: form.hidden, pooled: pooled)
        var parameters = BlockPart.Parameters(layers: original.layers, isMasked: true)
        parameters.projection = original.projection
        let fitted = try self.fitted(
            parameters, choice, columns: part.body.layers.map { _ in nil }, biasRank: form.biasRank)
        return (fitted, .routedHidden(form, layers: fitted.parameters.layers, routers: routers))
    }

    /// A ridge regression from the mean features to the mean activation of each unit in the *source's* block,
    /// weighted by the gain of the unit's consumer.
    private func router(_ layer: Int, _ pooled: [Matrix], gains: [Double]) throws -> LinearRouter {
        let targets = record.pooled[layer]
        let features = pooled.first?.columns ?? 0
        var equations = NormalEquations(features: features, targets: targets.columns)
        for chunk in fit.division.fitted {
            let samples = fit.division.chunks[chunk]
            let rows = targets.values[
                (samples.lowerBound * targets.columns)..<(samples.upperBound * targets.columns)]
            equations.add(
                SingleRows(pooled[chunk]),
                SingleRows(rows: samples.count, columns: targets.columns, rows.map(Float.init)), fit.workers)
        }
        let none = Matrix(rows: targets.columns, columns: features)
        guard
            let (weights, offsets) = equations.solve(
                prior: none, ridge: fit.options.routerRidge, fit.workers)
        else { throw CalibrationError.singular(block: part.block.scope) }
        var scaled: [Float] = []
        scaled.reserveCapacity(weights.values.count)
        for unit in 0..<targets.columns {
            for feature in 0..<features { scaled.append(Float(weights[unit, feature] * gains[unit])) }
        }
        return LinearRouter(weights: scaled, bias: zip(offsets, gains).map { Float($0 * $1) })
    }

    // MARK: Features

    /// By chunk: the mean of each channel that enters the first convolution.
    func pooledFeatures() throws -> [Matrix] {
        try current.chunks.map { try features($0).channelMeans() }
    }

    /// The covariance and the mean of the channels that enter the first convolution.
    func featureMoments() throws -> (covariance: Matrix, means: [Double]) {
        var moments: Moments?
        for chunk in fit.division.fitted {
            let rows = try fit.sampler.rows(
                of: try features(current.chunks[chunk]), first: fit.division.chunks[chunk].lowerBound,
                fit.workers)
            if moments == nil { moments = Moments(units: rows.columns) }
            moments?.add(rows, fit.workers)
        }
        return (moments?.covariance(fit.workers) ?? Matrix(rows: 0, columns: 0), moments?.means ?? [])
    }

    /// How often each channel is chosen.
    private func mostChosen(_ choice: SampleChoice, channels: Int) -> [Double] {
        var counts = [Double](repeating: 0, count: channels)
        guard case .channels(let chosen) = choice else { return counts }
        for sample in chosen.joined() {
            for channel in sample { counts[channel] += 1 }
        }
        return counts
    }
}

extension ConvolutionWeights {
    /// The weights with one column for each input: (outputs * taps) x inputs, 0 between groups.
    var byInput: Matrix {
        let taps = shape[2] * shape[3]
        var result = Matrix(rows: outputs * taps, columns: inputs)
        for output in 0..<outputs {
            let first = output / (outputs / groups) * shape[1]
            for input in 0..<shape[1] {
                for tap in 0..<taps {
                    result[output * taps + tap, first + input] = Double(
                        weights[(output * shape[1] + input) * taps + tap])
                }
            }
        }
        return result
    }

    /// The L2 norm of the weights that read each input.
    var inputNorms: [Double] {
        let matrix = byInput
        return (0..<inputs).map { input in
            (0..<matrix.rows).reduce(0) { $0 + matrix[$1, input] * matrix[$1, input] }.squareRoot()
        }
    }

    /// The same convolution with further filters that give zero.
    func padded(toOutputs count: Int) -> ConvolutionWeights {
        guard count > outputs else { return self }
        let missing = count - outputs
        return ConvolutionWeights(
            shape: [count] + shape[1...], weights: weights + [Float](repeating: 0, count: missing * filter),
            bias: bias + [Float](repeating: 0, count: missing))
    }
}
