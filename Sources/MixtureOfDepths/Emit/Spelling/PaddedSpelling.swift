import GraphIR

/// The fastest spelling in float for runtimes with blocked layouts: the sum covers all channels, and the body
/// adds zeros to those beyond the first k.
///
///     body ── Pad channels to C ── MaxPool 1x1 ── Add(X) ── Y
///
/// The pooling takes the maximum of one element. It is there for runtimes with a blocked layout, such as
/// onnxruntime: it enters that layout, so X and Y never leave it. A Slice or Concat in its place would
/// convert X and Y, and would keep the next block from fusing its own sum and activation.
///
/// Channels are gathered as in `PortableSpelling`.
struct PaddedSpelling: BlockSpelling {
    func gather(from x: ValueID, _ build: NodeBuilder) -> any BlockGather {
        PortableSpelling().gather(from: x, build)
    }

    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID {
        try fusePadded(
            body, into: x, size,
            ["kernel_shape": .ints([1, 1]), "strides": .ints([1, 1]), "pads": .ints([0, 0, 0, 0])], &build)
    }
}
