import GraphIR

/// As runtimes with blocked layouts run it fastest: the sum on all channels, to which the body adds zeros beyond the
/// first k.
///
///     body ── Pad channels to C ── MaxPool 1x1 ── Add(X) ── Y
///
/// The pooling takes the maximum of one element. It is there for runtimes with a blocked layout, onnxruntime's among
/// them: it enters that layout, so that X and Y never leave it. A Slice or Concat in its place costs X and Y a
/// conversion, and the next block the fusion of its own sum and activation.
struct FastSpelling: BlockSpelling {
    var sortsChosen: Bool { false }

    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let padded = try build.padChannels(body, by: size.channels - size.k, "fusion")
        let placed = try build.add("MaxPool", [padded], "fusion", ["kernel_shape": .ints([1, 1])])
        return try build.add("Add", [placed, x], "fusion")
    }
}
