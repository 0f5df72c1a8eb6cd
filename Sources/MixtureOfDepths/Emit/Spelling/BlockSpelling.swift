import GraphIR

/// One way to spell a block's parts in ONNX. All spellings compute the same; runtimes and converters handle
/// some better than others (docs/emission.md).
protocol BlockSpelling: Sendable {
    /// Whether TopK returns the chosen indices in the order of their scores, although they are sorted
    /// afterwards.
    var sortsChosen: Bool { get }

    /// Gathers each sample's channels by its own indices, and their scores.
    ///
    /// - Parameters:
    ///   - x: [N, C, H, W].
    ///   - scores: [N, C, 1, 1].
    ///   - indices: [N, k, 1, 1], ascending.
    func gather(
        _ x: ValueID, _ scores: ValueID, _ indices: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> GatheredChannels

    /// The first k channels of x [N, C, H, W].
    func firstChannels(
        of x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID

    /// Y[:, :k] = body + X[:, :k]; Y[:, k:] = X[:, k:].
    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID
}

/// k of C channels.
struct ChannelPart {
    let k: Int
    let channels: Int
}

/// The channels that a block processes, with the scores they were chosen by.
struct GatheredChannels {
    /// X^ [N, k, H, W]
    let channels: ValueID
    /// The scores of the chosen channels, [N, k, 1, 1]
    let gate: ValueID
}

extension Emission {
    /// The spelling that emission uses.
    var spelling: any BlockSpelling {
        switch self {
        case .literal: LiteralSpelling()
        case .fast: FastSpelling()
        case .train: TrainingSpelling()
        }
    }
}

extension BlockSpelling {
    var sortsChosen: Bool { true }

    func firstChannels(
        of x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.slice(x, 0, size.k, "first") }

    func gather(
        _ x: ValueID, _ scores: ValueID, _ indices: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> GatheredChannels {
        guard build.opset >= Converter.batchedGatherOpset else {
            return try flatGather(x, scores, indices, size, &build)
        }
        let channels = try build.gatherChannels(x, indices, size.k)
        let gate = try build.add("GatherElements", [scores, indices], "gate", ["axis": .int(1)])
        return GatheredChannels(channels: channels, gate: gate)
    }

    /// The gather before opset 12, for a fixed batch B: one axis of B * C holds the channels of all samples,
    /// and sample b's indices are offset by b * C.
    private func flatGather(
        _ x: ValueID, _ scores: ValueID, _ indices: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> GatheredChannels {
        guard let extents = build.edit.graph[x].shape?.extents, extents.count == 4 else {
            throw ConversionError.openExtents(build.name(x))
        }
        let (batch, channels, k) = (extents[0], Int64(extents[1]), Int64(size.k))
        let offsets = try build.constant(
            "gather/offsets",
            try Tensor(shape: [batch, 1], (0..<batch).map { Int64($0) * channels }))
        let perSample = try build.reshape(indices, [Int64(batch), k], "gather/indices")
        let flat = try build.add("Add", [perSample, offsets], "gather/flat")
        let rows = Int64(batch) * channels
        let planes = try build.reshape(
            x, [rows, Int64(extents[2]), Int64(extents[3])], "gather/planes")
        let gathered = try build.add("Gather", [planes, flat], "gather", ["axis": .int(0)])
        let flatScores = try build.reshape(scores, [rows], "gate/scores")
        let picked = try build.add("Gather", [flatScores, flat], "gate", ["axis": .int(0)])
        let gate = try build.reshape(picked, [Int64(batch), k, 1, 1], "gate/shape")
        return GatheredChannels(channels: gathered, gate: gate)
    }
}
