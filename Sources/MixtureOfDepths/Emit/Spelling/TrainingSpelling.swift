import GraphIR

/// The spelling that onnx2torch reads, PyTorch trains, and both of PyTorch's exporters write.
///
///     X ── Split [k, C - k] ─┬─ Add(body) ──┐
///                            └──────────── Concat ── Y
///
///     indices [N,k,1,1] ── Add(0 [1,1,H,W]) ──┐
///     X ───────────────────────────── GatherElements ── X^ [N,k,H,W]
///
/// GatherElements is the only gather per sample that PyTorch has with a gradient. PyTorch can trace an Add of
/// a constant, but not the extents of an Expand.
struct TrainingSpelling: BlockSpelling {
    func gather(
        _ x: ValueID, _ scores: ValueID, _ indices: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> GatheredChannels {
        guard let (height, width) = build.extents(of: x) else {
            throw ConversionError.openExtents(build.name(x))
        }
        let zeros = [Int64](repeating: 0, count: height * width)
        let map = try build.constant("gather/map", try Tensor(shape: [1, 1, height, width], zeros))
        let places = try build.add("Add", [indices, map], "gather/places")
        let channels = try build.add("GatherElements", [x, places], "gather", ["axis": .int(1)])
        let gate = try build.add("GatherElements", [scores, indices], "gate", ["axis": .int(1)])
        return GatheredChannels(channels: channels, gate: gate)
    }

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
