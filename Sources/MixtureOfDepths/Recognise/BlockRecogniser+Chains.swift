import GraphIR

extension BlockRecogniser {
    /// The lines of convolutions of a network without residual blocks: VGG's and U-Net's pairs, DenseNet's
    /// layers, Inception's branches.
    ///
    ///     input --> Conv --> [activation] --> Conv --> ... --> Conv --> output
    ///
    /// Conditions:
    /// 1. each value between has one reader, or one activation of several nodes;
    /// 2. between two convolutions stand activations and normalisations by channel only: a pooling ends a
    ///    line;
    /// 3. it has at least two convolutions.
    func convolutionChains() -> [ConvBlock] {
        var taken: Set<NodeID> = []
        return graph.nodes.compactMap { first in
            guard first.isOperator("Conv"), !taken.contains(first.id), let input = first.input(0) else {
                return nil
            }
            let body = chain(from: first)
            taken.formUnion(body)
            guard body.count(where: { graph[$0].isOperator("Conv") }) > 1,
                let closing = body.last.map({ graph[$0] }), let output = closing.output(0)
            else { return nil }
            return makeBlock(
                closing: closing, finalActivation: [], input: input, sum: output, body: body, shortcut: .none)
        }
    }

    /// The nodes of the longest line that starts with a convolution and ends with one that is not grouped.
    private func chain(from first: Node) -> [NodeID] {
        var (body, pending) = ([first.id], [NodeID]())
        var value = first.output(0)
        while let current = value {
            if let node = graph.soleConsumer(of: current), node.isOperator("Conv"), node.input(0) == current {
                pending.append(node.id)
                if BodyLayer.layers(of: [node.id], in: graph)?.first?.groups == 1 {
                    body += pending
                    pending = []
                }
                value = node.output(0)
            } else if let node = graph.soleConsumer(of: current), node.isOperator("BatchNormalization"),
                node.input(0) == current
            {
                pending.append(node.id)
                value = node.output(0)
            } else if let step = activation(after: current) {
                pending += step.nodes
                value = step.output
            } else {
                value = nil
            }
        }
        return body
    }
}
