import GraphIR
import MixtureOfDepths

extension BlockFitter {
    /// A block that is cut to `shape`, as `shape.kind` says.
    ///
    /// - Returns: how it is run here, and what it is emitted with.
    func converted(to shape: MoDShape) throws -> (fitted: Fitted, block: CalibratedBlock) {
        switch shape.kind {
        case .fixedHidden, .fixedChannels, .routedChannels: return try narrowed(to: shape)
        case .routedHidden: return try routedHidden(shape)
        case .dropped, .paper, .gatedHidden:
            return (
                Fitted(parameters: try part.original), CalibratedBlock(kind: .dropped, layers: [])
            )
        }
    }

    // MARK: A narrower body

    private func narrowed(to shape: MoDShape) throws -> (Fitted, CalibratedBlock) {
        let original = try part.original
        let units = chosenUnits(shape, original.layers)
        var choice = SampleChoice.everything
        var (inputs, gains): ([Int]?, [Float]?)
        if shape.kind != .fixedHidden {
            let consumer = original.layers[0].selecting(outputs: units.first, inputs: nil)
            if shape.kind == .fixedChannels {
                let chosen = ColumnSelection.choose(
                    shape.processed, covariance: try featureCovariance(), consumer: consumer.byInput,
                    fit.workers)
                choice = .channels(
                    current.chunks.map { [[Int]](repeating: chosen, count: $0.shape[0]) })
                inputs = chosen
            } else {
                let pooled = try pooledFeatures()
                let norms = original.layers[0].inputNorms.map(Float.init)
                choice = .channels(norms, count: shape.processed, pooled: pooled)
                gains = norms
                // A slot sees different channels; the prior is the channels that are chosen most.
                inputs = SampleChoice.top(
                    shape.processed, of: mostChosen(choice, channels: norms.count))
            }
        }
        let last = part.body.layers.count - 1
        var columns: [[Int]?] = units.map { $0 }
        columns.append(shape.fused < shape.channels ? Array(0..<shape.fused) : nil)
        let layers = original.layers.enumerated().map { position, layer in
            layer.selecting(
                outputs: columns[position], inputs: position == 0 ? inputs : units[position - 1])
        }
        var parameters = BlockPart.Parameters(layers: layers, isGathered: shape.kind != .fixedHidden)
        parameters.projection = original.projection
        var fitted = try self.fitted(parameters, choice, columns: columns)
        let block = CalibratedBlock(
            kind: shape.kind, inputs: shape.kind == .fixedChannels ? inputs : nil, channelGains: gains,
            layers: fitted.parameters.layers)
        fitted.parameters.layers[last] = fitted.parameters.layers[last].padded(toOutputs: shape.channels)
        return (fitted, block)
    }

    /// For each hidden layer the units that stay, chosen from the last one backwards.
    private func chosenUnits(_ shape: MoDShape, _ layers: [ConvolutionWeights]) -> [[Int]] {
        var units: [[Int]] = []
        var next: [Int]?
        for layer in shape.hidden.indices.reversed() {
            let consumer = layers[layer + 1].selecting(outputs: next, inputs: nil)
            let chosen = ColumnSelection.choose(
                shape.hidden[layer], covariance: record.covariances[layer], consumer: consumer.byInput,
                fit.workers)
            units.insert(chosen, at: 0)
            next = chosen
        }
        return units
    }

    // MARK: Routed hidden units

    private func routedHidden(_ shape: MoDShape) throws -> (Fitted, CalibratedBlock) {
        let original = try part.original
        let pooled = try pooledFeatures()
        let routers = try part.body.hidden.indices.map { layer in
            try router(layer, pooled, gains: original.layers[layer + 1].inputNorms)
        }
        let choice = try SampleChoice.units(routers, counts: shape.hidden, pooled: pooled)
        var parameters = BlockPart.Parameters(layers: original.layers, isMasked: true)
        parameters.projection = original.projection
        let fitted = try self.fitted(parameters, choice, columns: part.body.layers.map { _ in nil })
        return (
            fitted,
            CalibratedBlock(kind: .routedHidden, routers: routers, layers: fitted.parameters.layers)
        )
    }

    /// A ridge regression from the mean features to the mean activation that the *source's* block has in each
    /// unit, times what the unit's consumer makes of it.
    private func router(_ layer: Int, _ pooled: [Matrix], gains: [Double]) throws -> LinearRouter {
        let targets = record.pooled[layer]
        let features = pooled.first?.columns ?? 0
        var equations = NormalEquations(features: features, targets: targets.columns)
        for chunk in fit.division.fitted {
            let samples = fit.division.chunks[chunk]
            let rows = targets.values[
                (samples.lowerBound * targets.columns)..<(samples.upperBound * targets.columns)]
            equations.add(
                pooled[chunk], Matrix(rows: samples.count, columns: targets.columns, Array(rows)), fit.workers
            )
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
    private func pooledFeatures() throws -> [Matrix] {
        try current.chunks.map { try features($0).channelMeans() }
    }

    private func featureCovariance() throws -> Matrix {
        var moments: Moments?
        for chunk in fit.division.fitted {
            let rows = try fit.sampler.rows(
                of: try features(current.chunks[chunk]), first: fit.division.chunks[chunk].lowerBound,
                fit.workers)
            if moments == nil { moments = Moments(units: rows.columns) }
            moments?.add(rows, fit.workers)
        }
        return moments?.covariance ?? Matrix(rows: 0, columns: 0)
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
    /// The weights with one column for each input: (outputs * taps) x inputs.
    var byInput: Matrix {
        let taps = shape[2] * shape[3]
        var result = Matrix(rows: outputs * taps, columns: inputs)
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<taps {
                    result[output * taps + tap, input] = Double(
                        weights[(output * inputs + input) * taps + tap])
                }
            }
        }
        return result
    }

    /// The L2 norm of what each input is multiplied by.
    var inputNorms: [Double] {
        let matrix = byInput
        return (0..<inputs).map { input in
            (0..<matrix.rows).reduce(0) { $0 + matrix[$1, input] * matrix[$1, input] }.squareRoot()
        }
    }

    /// The same with further filters that give zero.
    func padded(toOutputs count: Int) -> ConvolutionWeights {
        guard count > outputs else { return self }
        let missing = count - outputs
        return ConvolutionWeights(
            shape: [count] + shape[1...], weights: weights + [Float](repeating: 0, count: missing * filter),
            bias: bias + [Float](repeating: 0, count: missing))
    }
}
