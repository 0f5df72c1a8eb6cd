import GraphIR
import Operators

extension MoDRecogniser {
    /// A selector whose scores become the gates of a hidden layer.
    private struct GatedLayer {
        let selector: Selector
        let order: ValueID
        let gates: ValueID
        /// The number of units that a sample computes.
        let count: Int
        /// The product of the layer's activations with the gates.
        let product: ValueID
    }

    /// Blocks of gated hidden units:
    ///
    ///     s ── TopK ── order ── TopK, smallest first ── ranks ── Less(A) ── Where(s, 0) ── gates
    ///     X ── Conv ── act ── * gates ── Conv ── act ── * gates ── Conv ── Add(X) ── [act] ── Y
    func hiddenBlocks(_ selectors: [Selector]) -> [MoDBlock] {
        let layers = selectors.compactMap(gatedLayer)
        guard !layers.isEmpty else { return [] }
        let recogniser = BlockRecogniser(graph: graph)
        let byProduct = Dictionary(layers.map { ($0.product, $0) }, uniquingKeysWith: { first, _ in first })
        return graph.nodes.compactMap { add in
            guard add.isOperator("Add"), add.inputs.count == 2, let sum = add.output(0) else { return nil }
            for position in 0..<2 {
                guard let input = add.input(position), let body = add.input(1 - position) else { continue }
                if let block = hiddenBlock(from: input, body: body, sum: sum, byProduct, recogniser) {
                    return block
                }
            }
            return nil
        }
    }

    private func hiddenBlock(
        from input: ValueID, body: ValueID, sum: ValueID, _ gated: [ValueID: GatedLayer],
        _ recogniser: BlockRecogniser
    ) -> MoDBlock? {
        guard let channels = channels(of: input) else { return nil }
        // From the body's end back to X, past the products with the gates.
        var (layers, convolutions): ([GatedLayer], [Node]) = ([], [])
        var value = body
        while value != input {
            guard let node = producer(value),
                convolutions.count + layers.count < BlockRecogniser.maximumLength
            else { return nil }
            if node.isOperator("Conv") { convolutions.insert(node, at: 0) }
            var next = node.input(0)
            if let layer = gated[value] {
                guard layer.selector.input == input else { return nil }
                layers.insert(layer, at: 0)
                if next == layer.gates { next = node.input(1) }
            } else if node.isOperator("Add") || node.isOperator("Concat") {
                return nil
            }
            guard let next else { return nil }
            value = next
        }
        guard !layers.isEmpty, convolutions.count == layers.count + 1 else { return nil }
        let activation = recogniser.activation(after: sum)
        let form = GatedHidden(
            HiddenUnits(channels: channels, kept: layers.map(\.count)), widths: layers.map(\.selector.units),
            selectorHidden: layers[0].selector.hidden, .dense)
        return MoDBlock(
            scope: scope(of: convolutions), form: .gatedHidden(form),
            values: values(
                input: input, output: activation?.output ?? sum, gathered: input, body: body,
                choices: layers.map {
                    ChoiceValues(
                        scores: graph[$0.selector.scores].name, indices: graph[$0.order].name,
                        gates: graph[$0.gates].name)
                }))
    }

    private func gatedLayer(_ selector: Selector) -> GatedLayer? {
        guard let choice = graph.consumers(of: selector.scores).first(where: { $0.isOperator("Where") }),
            choice.input(1) == selector.scores, isZero(graph.constant(choice.input(2))),
            let gates = choice.output(0), let less = producer(choice.input(0)), less.isOperator("Less"),
            let limit = graph.constant(less.input(1))?.integers, limit.count == 1,
            (1...selector.units).contains(limit[0]),
            let ranks = producer(less.input(0)), ranks.isOperator("TopK"), ranks.output(1) == less.input(0),
            let order = ranks.input(0), let sort = producer(order), sort.isOperator("TopK"),
            sort.output(1) == order, sort.input(0) == selector.scores,
            let product = graph.consumers(of: gates).first(where: { $0.isOperator("Mul") })?.output(0)
        else { return nil }
        return GatedLayer(
            selector: selector, order: order, gates: gates, count: limit[0], product: product)
    }

    private func isZero(_ tensor: Tensor?) -> Bool { tensor?.floats == [0] }
}
