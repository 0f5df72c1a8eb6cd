import GraphIR

/// The trainable blocks of `--route hidden`: hidden units are chosen, while all inputs and outputs and the
/// activation after the sum stay.
///
///     X ── selector of layer p ── scores s [N,W,1,1] ── A highest ── gates g = s, or 0 if not chosen
///     X ── Conv 1 ── BN, act ── * g1 ── Conv 2 ── BN, act ── * g2 ── Conv 3 ── BN ── + X ── act ── Y
///
/// This is the spelling for training, which computes all units. The other spellings compute only the A chosen
/// units, with weights gathered for each sample (`BlockEmitter+RoutedHidden`), and multiply them by their
/// scores. They fall back to this one if the body holds BatchNormalization.
extension BlockEmitter {
    mutating func emit(_ form: GatedHidden, _ start: WeightStart) throws -> EmittedBlock {
        let weights = try BodyWeights(build.edit.graph, block, BodyWidths(form), start)
        switch form.computation {
        case .dense: return try emitDense(form, weights, start)
        case .gathered: return try emitGathered(form, weights, start)
        }
    }

    mutating func emit(_ form: FixedHidden, _ start: WeightStart) throws -> EmittedBlock {
        let weights = try BodyWeights(build.edit.graph, block, BodyWidths(form), start)
        return try close(form, try emitBody(input, weights, groups: form.ungrouped))
    }

    /// The sum with X, before the activation that stays.
    private mutating func close(
        _ form: some BlockPayload, _ body: ValueID, _ choices: [ChoiceValues] = [],
        _ tables: [WeightTable] = []
    ) throws -> EmittedBlock {
        let sum = try fuse(body, form)
        let isActivated = !block.finalActivation.isEmpty
        try replaceOldSum(by: sum)
        return emitted(
            form, output: isActivated ? block.output : sum, gathered: input, body: body, choices: choices,
            tables: tables)
    }

    private mutating func emitDense(
        _ form: GatedHidden, _ weights: BodyWeights, _ start: WeightStart
    ) throws -> EmittedBlock {
        var gates: [ValueID] = []
        var choices: [ChoiceValues] = []
        for layer in form.widths.indices {
            let (gate, choice) = try emitGates(form, layer, start)
            gates.append(gate)
            choices.append(choice)
        }
        let body = try emitBody(input, weights, groups: form.ungrouped, gates: gates)
        return try close(form, body, choices)
    }

    private mutating func emitGathered(
        _ form: GatedHidden, _ weights: BodyWeights, _ start: WeightStart
    ) throws -> EmittedBlock {
        guard case .success(let body) = LayeredBody.of(block, in: build.edit.graph) else {
            throw ConversionError.notAsPlanned(block.scope, .noHiddenLayer)
        }
        let layers = try body.layers.map { layer in
            let parameters = block.body.firstIndex(of: layer.convolution).map { weights.parameters[$0] } ?? []
            guard parameters.count > 1, let kernel = parameters[1], let values = kernel.floats else {
                throw ConversionError.unsupportedWeights(
                    build.edit.graph.label(of: build.edit.graph[layer.convolution]))
            }
            let bias = parameters.count > 2 ? parameters[2]?.floats : nil
            return ConvolutionWeights(
                shape: kernel.shape, weights: values,
                bias: bias ?? [Float](repeating: 0, count: kernel.shape[0]))
        }
        var chosen: [ChosenUnits] = []
        for (layer, units) in form.widths.enumerated() {
            let (path, count) = ("selector/hidden\(layer + 1)", form.hidden[layer])
            let scores = try emitSelector(
                form.selectorHidden, scoring: units, of: form.channels, start, in: path)
            let indices = try chooseHighest(scores, count, of: units, in: "\(path)/")
            let part = ChannelPart(k: count, channels: units)
            let gather = spelling.gather(from: input, build)
            let places = try gather.places(indices, in: input, part, "\(path)/gates", &build)
            let gates = try gather.scores(of: scores, at: places, part, "\(path)/gates", &build)
            chosen.append(
                ChosenUnits(
                    indices: try build.reshape(indices, [0, Int64(count)], "\(path)/indices"), count: count,
                    names: ChoiceValues(scores: build.name(scores), indices: build.name(indices)),
                    gates: try build.reshape(gates, [0, Int64(count), 1], "\(path)/gates/column")))
        }
        let (result, tables) = try emitGatheredLayers(
            body, layers, chosen, on: input, channels: form.channels)
        return try close(form, result, chosen.map(\.names), tables)
    }

    /// The gates of one hidden layer's units, [N, units, 1, 1]: the scores of the `count` highest, 0 for all
    /// others.
    ///
    ///     scores ── choice ── indices, as [N,1,count,1] ── Equal(0 ..< units) ── Cast ── ReduceMax ── mask ── * scores
    ///
    /// The mask is that of the chosen set, whatever the order in which a runtime returns it. Exactly `count` units
    /// are therefore kept even with ties, such as those of a selector whose ReLU lets nothing through.
    private mutating func emitGates(
        _ form: GatedHidden, _ layer: Int, _ start: WeightStart
    ) throws -> (gates: ValueID, names: ChoiceValues) {
        let (path, units, count) = (
            "selector/hidden\(layer + 1)", form.widths[layer], form.hidden[layer]
        )
        let scores = try emitSelector(
            form.selectorHidden, scoring: units, of: form.channels, start, in: path)
        let chosen = try choose(scores, count, of: units, in: "\(path)/")
        let mask = try build.mask(of: chosen, of: units, elementType, "\(path)/mask")
        let gates = try build.add("Mul", [scores, mask], "\(path)/gates")
        return (
            gates,
            ChoiceValues(
                scores: build.name(scores), indices: build.name(chosen), gates: build.name(gates))
        )
    }
}

extension BlockPayload {
    /// Groups for a body without grouped convolutions.
    fileprivate var ungrouped: [Int] { [Int](repeating: 1, count: hidden.count + 1) }
}
