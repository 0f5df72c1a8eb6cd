import GraphIR

/// The fastest spelling for runtimes with blocked layouts: the sum covers all channels, and the body adds
/// zeros to those beyond the first k.
///
///     body ── Pad channels to C ── MaxPool 1x1 ── Add(X) ── Y
///
/// The pooling takes the maximum of one element. It is there for runtimes with a blocked layout, such as
/// onnxruntime: it enters that layout, so X and Y never leave it. A Slice or Concat in its place would
/// convert X and Y, and would keep the next block from fusing its own sum and activation.
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
