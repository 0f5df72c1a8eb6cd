import GraphIR
import Operators

extension MoDRecogniser {
    /// Blocks of the fixed router:
    ///
    ///     X ── first k channels ── body ── added to the first k channels of X ── Y
    func fixedBlocks() -> [MoDBlock] {
        var heads: [ValueID: [Int: Set<ValueID>]] = [:]
        return graph.nodes.compactMap { node in
            guard let fusion = ChannelFusion.match(node, in: self),
                let channels = channels(of: fusion.image)
            else { return nil }
            let ends = heads[fusion.image] ?? firstChannels(of: fusion.image)
            heads[fusion.image] = ends
            guard let slices = ends[fusion.processed],
                let layers = layers(from: fusion.addend, to: slices),
                let gathered = layers.first?.input(0)
            else { return nil }
            let body = channelBody(layers, channels: channels, processed: fusion.processed)
            return MoDBlock(
                scope: scope(of: fusion.nodes + layers), form: .fixedPaper(FixedPaper(body)),
                values: values(
                    input: fusion.image, output: fusion.output, gathered: gathered, body: fusion.addend))
        }
    }

    /// The slices that begin at the first channel, by how many channels they have.
    private func firstChannels(of image: ValueID) -> [Int: Set<ValueID>] {
        var slices: [Int: Set<ValueID>] = [:]
        for head in graph.consumers(of: image).flatMap({ $0.outputs.compactMap { $0 } }) {
            guard let slice = ChannelSlice.of(head, in: self), slice.whole == image, slice.start == 0 else {
                continue
            }
            slices[slice.end, default: []].insert(head)
        }
        return slices
    }
}
