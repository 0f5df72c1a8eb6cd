import GraphIR

/// The blocks of `--route hidden` that are to be trained: hidden units are chosen, all inputs and outputs stay, and
/// so does the activation after the sum.
///
///     X ── selector of layer p ── scores s [N,W,1,1] ── A highest ── gates g = s, or 0 if not chosen
///     X ── Conv 1 ── BN, act ── * g1 ── Conv 2 ── BN, act ── * g2 ── Conv 3 ── BN ── + X ── act ── Y
extension BlockEmitter {
    mutating func emitHiddenChoice() throws -> (block: EmittedBlock, output: ValueID) {
        let weights = try BodyWeights(edit.graph, block, shape, options)
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
        let body = try emitBody(input, weights, gates: gates)
        let sum = try emitFusion(body)
        let isActivated = !block.finalActivation.isEmpty
        try replaceOldSum(by: sum)
        let output = isActivated ? block.output : sum
        var emitted = EmittedBlock(
            scope: block.scope, shape: shape, input: name(input), output: name(output),
            gathered: name(input), body: name(body), routing: nil, nodes: nodes)
        emitted.routes = routes
        return (emitted, output)
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
