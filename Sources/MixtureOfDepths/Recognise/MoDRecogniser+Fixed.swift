import GraphIR
import Operators

extension MoDRecogniser {
    /// Blocks of the fixed router:
    ///
    ///     X ── first k channels ── body ── added to the first k channels of X ── Y
    func fixedBlocks() -> [MoDBlock] {
        graph.nodes.compactMap { node in
            guard let fusion = ChannelFusion.match(node, in: self),
                let channels = channels(of: fusion.image)
            else { return nil }
            let heads = graph.consumers(of: fusion.image).flatMap { $0.outputs.compactMap { $0 } }
                .filter { head in
                    ChannelSlice.of(head, in: self).map {
                        $0.whole == fusion.image && $0.start == 0 && $0.end == fusion.processed
                    } ?? false
                }
            guard !heads.isEmpty, let layers = layers(from: fusion.addend, to: Set(heads)) else { return nil }
            let gathered = layers.first?.input(0) ?? heads[0]
            let body = channelBody(layers, channels: channels, processed: fusion.processed)
            return MoDBlock(
                scope: scope(of: fusion.nodes + layers), form: .fixedPaper(FixedPaper(body)),
                values: values(
                    input: fusion.image, output: fusion.output, gathered: gathered, body: fusion.addend))
        }
    }
}
