import GraphIR

/// The blocks of `--route hidden` that are to be trained: hidden units are chosen, all inputs and outputs stay, and
/// so does the activation after the sum.
///
///     X ── selector of layer p ── scores s [N,W,1,1] ── A highest ── gates g = s, or 0 if not chosen
///     X ── Conv 1 ── BN, act ── * g1 ── Conv 2 ── BN, act ── * g2 ── Conv 3 ── BN ── + X ── act ── Y
///
/// That is the spelling for training, which computes all units. The others compute the A units that are chosen, by
/// weights that are gathered for each sample (`BlockEmitter+RoutedHidden`), times their scores, unless there is
/// BatchNormalization in the body.
extension BlockEmitter {
    mutating func emitHiddenChoice() throws -> (block: EmittedBlock, output: ValueID) {
        let weights = try BodyWeights(edit.graph, block, shape, options)
        if shape.kind == .gatedHidden, options.emission != .train,
            case .success(let body) = LayeredBody.of(block, in: edit.graph), body.prefix.isEmpty
        {
            return try emitGatheredHidden(body, weights)
        }
        var gates: [ValueID] = []
        var routes: [EmittedBlock.Route] = []
        if shape.kind == .gatedHidden {
            for (layer, units) in shape.filters.enumerated() {
                let (gate, route) = try emitGates(
                    units, shape.hidden[layer], in: "selector/hidden\(layer + 1)")
                gates.append(gate)
                routes.append(route)
            }
        }
        return try close(try emitBody(input, weights, gates: gates), routes)
    }

    /// The sum with X, in front of the activation that stays.
    private mutating func close(
        _ body: ValueID, _ routes: [EmittedBlock.Route], _ tables: [EmittedBlock.Table] = []
    ) throws -> (block: EmittedBlock, output: ValueID) {
        let sum = try emitFusion(body)
        let isActivated = !block.finalActivation.isEmpty
        try replaceOldSum(by: sum)
        let output = isActivated ? block.output : sum
        var emitted = EmittedBlock(
            scope: block.scope, shape: shape, input: name(input), output: name(output),
            gathered: name(input), body: name(body), routing: nil, nodes: nodes)
        emitted.routes = routes
        emitted.tables = tables
        return (emitted, output)
    }

    private mutating func emitGatheredHidden(
        _ body: LayeredBody, _ weights: BodyWeights
    ) throws -> (block: EmittedBlock, output: ValueID) {
        let layers = try body.layers.map { layer in
            let parameters = block.body.firstIndex(of: layer.convolution).map { weights.parameters[$0] } ?? []
            guard parameters.count > 1, let kernel = parameters[1], let values = kernel.floats else {
                throw ConversionError.unsupportedWeights(edit.graph.label(of: edit.graph[layer.convolution]))
            }
            let bias = parameters.count > 2 ? parameters[2]?.floats : nil
            return ConvolutionWeights(
                shape: kernel.shape, weights: values,
                bias: bias ?? [Float](repeating: 0, count: kernel.shape[0]))
        }
        var chosen: [ChosenUnits] = []
        for (layer, units) in shape.filters.enumerated() {
            let (path, count) = ("selector/hidden\(layer + 1)", shape.hidden[layer])
            let scores = try emitSelector(units: units, in: path)
            let indices = try emitTopK(scores, count, in: "\(path)/")
            let gates = try add("GatherElements", [scores, indices], "\(path)/gates", ["axis": .int(1)])
            chosen.append(
                ChosenUnits(
                    indices: try reshape(indices, [0, Int64(count)], "\(path)/indices"), count: count,
                    route: EmittedBlock.Route(scores: name(scores), indices: name(indices)),
                    gates: try reshape(gates, [0, Int64(count), 1], "\(path)/gates/column")))
        }
        let (result, tables) = try emitGatheredLayers(body, layers, chosen, on: input)
        return try close(result, chosen.map(\.route), tables)
    }

    /// What the units of one hidden layer are multiplied by, [N, units, 1, 1]: their scores, or 0 for all but the
    /// `count` highest.
    ///
    ///     scores ── TopK(units) ── order ── TopK(units, smallest first) ── ranks ── Less(count) ── Where(scores, 0)
    ///
    /// Sorting an order gives each unit's place in it. So exactly `count` units count whatever ties, as those of a
    /// selector whose ReLU lets nothing through, and no mask of units by choices is needed.
    private mutating func emitGates(
        _ units: Int, _ count: Int, in path: String
    ) throws -> (gates: ValueID, route: EmittedBlock.Route) {
        let scores = try emitSelector(units: units, in: path)
        let order = try topK(scores, units, "\(path)/order", largest: true)[1]
        let ranks = try topK(order, units, "\(path)/ranks", largest: false)[1]
        let limit = try constant("\(path)/gates/count", Tensor(scalar: Int64(count)))
        let isChosen = try add("Less", [ranks, limit], "\(path)/gates")
        let zero = try constant("\(path)/gates/zero", try tensor([0], [1, 1, 1, 1]))
        let gates = try add("Where", [isChosen, scores, zero], "\(path)/gates")
        return (
            gates, EmittedBlock.Route(scores: name(scores), indices: name(order), gates: name(gates))
        )
    }
}
