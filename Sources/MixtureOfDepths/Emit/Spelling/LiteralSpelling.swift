import GraphIR

/// The spelling that follows the paper's definition operator by operator.
///
///     X ── Slice [:k] ── Add(body) ──┐
///     └─── Slice [k:] ───────────── Concat ── Y
///
/// It gathers by GatherND (`BatchedGather`).
struct LiteralSpelling: BlockSpelling {
    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID { try fuseParts(body, into: x, size, &build) }
}
