import GraphIR

/// The spelling that every toolchain reads which has TopK and Gather (docs/targets.md), and the fastest in int8:
///
///     X ── Slice [:k] ── Add(body) ──┐
///     └─── Slice [k:] ───────────── Concat ── Y
///
/// Gathers: along axis 1 for a batch of 1, on the flat axis of all samples' channels for any other (`FlatGather`). Only
/// maps of open height and width need GatherND.
struct PortableSpelling: BlockSpelling {
    /// For toolchains whose TopK takes any of equal scores.
    var breaksTies = false
    /// For onnx2tf (`AxisGather.flattensScores`).
    var flattensScores = false

    func gather(from x: ValueID, _ build: NodeBuilder) -> any BlockGather {
        if build.batch(of: x)?.value == 1 { return AxisGather(flattensScores: flattensScores) }
        return build.extents(of: x) == nil ? BatchedGather() : FlatGather()
    }

    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID { try fuseParts(body, into: x, size, &build) }
}
