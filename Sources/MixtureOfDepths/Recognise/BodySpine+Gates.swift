import GraphIR

extension BodySpine {
    /// The constants with one entry for each channel, of a channel attention: factors for the channels of a
    /// map that 1x1 convolutions compute from the means of all its channels.
    ///
    ///     x -+--> GlobalAveragePool --> Conv --> Relu --> Conv --> Sigmoid --> Mul -> y
    ///        \----------------------------------------------------------------/
    ///
    /// Conditions:
    /// 1. the last node multiplies x by the factors, and nothing but poolings over the whole map reads x
    ///    besides it;
    /// 2. all others are convolutions of one tap, ungrouped, with constant weights, and elementwise functions
    ///    whose constants are scalars;
    /// 3. there is a convolution on the way. The first one reads the channels' means; the last one gives the
    ///    factors. A convolution over the channels as an axis (ECA) mixes neighbours, which a choice of
    ///    channels takes apart.
    static func gate(_ nodes: [Node], on map: ValueID, in graph: Graph) -> [UnitCut]? {
        guard let product = nodes.last, product.isOperator("Mul"), product.inputs.contains(map),
            let factor = product.inputs.compactMap({ $0 }).first(where: { $0 != map })
        else { return nil }
        var (convolutions, means): ([Node], Set<ValueID>) = ([], [])
        for node in nodes.dropLast() {
            guard node.outputs.count == 1, let output = node.output(0) else { return nil }
            if isGlobalPool(node, in: graph) {
                guard node.input(0) == map else { return nil }
                means.insert(output)
            } else if node.isOperator("Conv") {
                guard isPointwise(node, in: graph) else { return nil }
                convolutions.append(node)
            } else {
                let operands = node.inputs.compactMap { $0 }.filter { graph.constant($0) == nil }
                guard BlockRecogniser.isElementwise(node), !operands.contains(map),
                    node.inputs.allSatisfy({ graph.constant($0).map { $0.elementCount == 1 } ?? true })
                else { return nil }
                let read = operands.filter(means.contains)
                guard read.isEmpty || read.count == operands.count else { return nil }
                if !read.isEmpty { means.insert(output) }
            }
        }
        // From the factors back, the values with one entry for each channel.
        var factors: Set<ValueID> = [factor]
        for node in nodes.dropLast().reversed() where node.output(0).map(factors.contains) == true {
            if !node.isOperator("Conv") { factors.formUnion(node.inputs.compactMap { $0 }) }
        }
        var cuts: [UnitCut] = []
        for node in convolutions {
            if node.input(0).map(means.contains) == true {
                cuts.append(UnitCut(node: node.id, input: 1, axis: 1))
            }
            if node.output(0).map(factors.contains) == true {
                cuts.append(UnitCut(node: node.id, input: 1, axis: 0))
                if node.input(2) != nil { cuts.append(UnitCut(node: node.id, input: 2, axis: 0)) }
            }
        }
        return cuts.isEmpty ? nil : cuts
    }

    /// Whether the node gives one number for each channel, [N, C, 1, 1].
    private static func isGlobalPool(_ node: Node, in graph: Graph) -> Bool {
        if node.isOperator("GlobalAveragePool") || node.isOperator("GlobalMaxPool") { return true }
        guard node.isOperator("ReduceMean") || node.isOperator("ReduceMax"), let output = node.output(0),
            let from = node.input(0).flatMap({ graph[$0].shape }), from.rank == 4,
            let to = graph[output].shape, to.rank == 4
        else { return false }
        return to[1] == from[1] && to[2].value == 1 && to[3].value == 1
    }

    /// Whether the node is an ungrouped convolution of one tap with constant weights and bias.
    private static func isPointwise(_ node: Node, in graph: Graph) -> Bool {
        guard let layer = BodyLayer.layers(of: [node.id], in: graph)?.first, layer.groups == 1,
            let shape = graph.constant(node.input(1))?.shape
        else { return false }
        let hasFixedBias = node.input(2) == nil || graph.constant(node.input(2)) != nil
        return shape[2] == 1 && shape[3] == 1 && hasFixedBias
    }
}
