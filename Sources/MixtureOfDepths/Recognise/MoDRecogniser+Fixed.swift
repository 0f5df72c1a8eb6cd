import GraphIR

extension MoDRecogniser {
    /// Blocks of the fixed router:
    ///
    ///     X ── first k channels ── body ── Add(first k channels of X) ── Concat(the others) ── Y
    func fixedBlocks() -> [MoDBlock] {
        graph.nodes.compactMap { concat in
            guard concat.isOperator("Concat"), concat.inputs.count == 2, let output = concat.output(0),
                let sum = producer(concat.input(0)), sum.isOperator("Add"), let rest = part(concat.input(1)),
                let channels = channels(of: rest.whole), rest.end == channels,
                channels == self.channels(of: output)
            else { return nil }
            let k = rest.start
            for position in 0..<2 {
                guard isPart(sum.input(position), of: rest.whole, from: 0, to: k),
                    let body = sum.input(1 - position), let first = sum.input(position)
                else { continue }
                let heads = graph.consumers(of: rest.whole).flatMap { $0.outputs.compactMap { $0 } }
                    .filter { isPart($0, of: rest.whole, from: 0, to: k) }
                guard let layers = layers(from: body, to: Set(heads + [first])) else { continue }
                let gathered = layers.first?.input(0) ?? first
                return MoDBlock(
                    scope: scope(of: [sum, concat] + layers),
                    form: .fixedPaper(FixedPaper(channelBody(layers, channels: channels, processed: k))),
                    values: values(input: rest.whole, output: output, gathered: gathered, body: body))
            }
            return nil
        }
    }
}
