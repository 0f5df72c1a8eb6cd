import GraphIR
import Operators

extension MoDRecogniser {
    /// Blocks of paired channels:
    ///
    ///     X ── mean over the map ── Mul(gains) ── s ── Gather(first), Gather(second) ── Less ── choice
    ///     X ── the one or the other channel of each pair, and constant ones (`PairedGather`) ── body
    ///     body ── added to X, or to its first k channels ── [Relu] ── Y
    ///
    /// A prefix of a pre-activation body lies between the block's input and X; the sum is then with the input.
    func pairedBlocks() -> [MoDBlock] {
        let recogniser = BlockRecogniser(graph: graph)
        return graph.nodes.compactMap { node in
            guard let gather = PairedGather.match(node, in: self), let scores = scores(of: gather),
                let channels = channels(of: gather.image),
                let (body, input, sum) = sum(after: gather.output, on: gather.image, channels),
                let layers = layers(from: body, to: [gather.output]),
                let fused = self.channels(of: body)
            else { return nil }
            let pairs = ChannelPairs(first: gather.first, second: gather.second, constant: gather.constant)
            var sizes = channelBody(
                layers, channels: channels, processed: gather.first.count + gather.constant.count)
            sizes.fused = fused
            let bias = bias(of: body, on: gather.image)
            sizes.biasRank = bias?.rank
            let choice = ChoiceValues(
                scores: graph[scores].name, indices: graph[gather.choice].name, pairs: pairs)
            guard let form = PairedChannels(sizes, choosing: gather.first.count), form.accepts([choice])
            else { return nil }
            return MoDBlock(
                scope: scope(of: gather.nodes + layers), form: .pairedChannels(form),
                values: values(
                    input: input, output: recogniser.activation(after: sum)?.output ?? sum,
                    gathered: gather.image, body: body, choices: [choice], bias: bias?.values))
        }
    }

    /// The scores of all channels, if the choice compares those of the pairs.
    private func scores(of gather: PairedGather) -> ValueID? {
        guard let less = producer(gather.choice), less.isOperator("Less"),
            let first = producer(less.input(0)), first.isOperator("Gather"),
            let second = producer(less.input(1)), second.isOperator("Gather"),
            graph.constant(first.input(1))?.integers == gather.first,
            graph.constant(second.input(1))?.integers == gather.second,
            let scores = first.input(0), second.input(0) == scores,
            let product = producer(scores), product.isOperator("Mul"),
            graph.constant(product.input(1)) != nil, let mean = producer(product.input(0)),
            isMeanOverMap(mean), mean.input(0) == gather.image
        else { return nil }
        return scores
    }

    /// The body's result, the block's input, and their sum; of a sum over the first channels, Y.
    private func sum(
        after start: ValueID, on image: ValueID, _ channels: Int
    ) -> (body: ValueID, input: ValueID, sum: ValueID)? {
        // X itself, or what a prefix of operators on each channel makes X of.
        var inputs = [image]
        while inputs.count < BlockRecogniser.maximumLength, let node = producer(inputs[inputs.count - 1]),
            let before = node.input(0),
            node.isOperator("BatchNormalization") || BlockRecogniser.activations.contains(node.operatorType)
        {
            inputs.append(before)
        }
        let recogniser = BlockRecogniser(graph: graph)
        var value = start
        for _ in 0..<BlockRecogniser.maximumLength {
            for input in inputs {
                if let count = self.channels(of: value),
                    let sum = fusion(of: value, with: input, channels: channels, count)
                {
                    return (value, input, sum)
                }
            }
            // An activation may have several nodes.
            guard
                let next = graph.soleConsumer(of: value)?.output(0)
                    ?? recogniser.activation(after: value)?.output
            else { return nil }
            value = next
        }
        return nil
    }
}
