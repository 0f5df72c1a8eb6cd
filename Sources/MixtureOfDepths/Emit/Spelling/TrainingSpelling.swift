import GraphIR

/// The spelling that onnx2torch reads, PyTorch trains, and both of PyTorch's exporters write.
///
///     X ── Split [k, C - k] ─┬─ Add(body) ──┐
///                            └──────────── Concat ── Y
///
/// It gathers by `ElementGather`, which has a gradient. Ties go to the lower index by its own nodes
/// (`NodeBuilder.breakTies`): PyTorch's topk takes any of equal scores.
struct TrainingSpelling: BlockSpelling {
    var breaksTies: Bool { true }

    func gather(from x: ValueID, _ build: NodeBuilder) -> any BlockGather { ElementGather() }

    func firstChannels(
        of x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.split(x, at: size.k, of: size.channels, "split").first }

    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let parts = try build.split(x, at: size.k, of: size.channels, "split")
        let sum = try build.add("Add", [body, parts.first], "fusion")
        return try build.add("Concat", [sum, parts.rest], "fusion", ["axis": .int(1)])
    }
}
