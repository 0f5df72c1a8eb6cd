import GraphIR
import Operators

extension MoDRecogniser {
    /// Blocks of gated hidden units (their gates: `MoDRecogniser+Gates`):
    ///
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
                        scores: graph[$0.selector.scores].name, indices: graph[$0.indices].name,
                        gates: graph[$0.gates].name)
                }))
    }
}
