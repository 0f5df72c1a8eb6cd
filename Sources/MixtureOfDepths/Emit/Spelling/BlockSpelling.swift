import GraphIR

/// One way to spell a block's parts in ONNX. All spellings compute the same; runtimes and converters handle
/// some better than others (docs/emission.md).
protocol BlockSpelling: Sendable {
    /// Whether TopK returns the chosen indices in the order of their scores, although they are sorted
    /// afterwards.
    var sortsChosen: Bool { get }

    /// Whether the choice among equal scores must not be left to TopK: PyTorch takes any of them.
    var breaksTies: Bool { get }

    /// How each sample's channels are gathered from x, [N, C, H, W].
    func gather(from x: ValueID, _ build: NodeBuilder) -> any BlockGather

    /// The first k channels of x [N, C, H, W].
    func firstChannels(
        of x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID

    /// Y[:, :k] = body + X[:, :k]; Y[:, k:] = X[:, k:].
    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID
}

/// k of C channels, or of C units.
struct ChannelPart {
    let k: Int
    let channels: Int
}

extension BlockSpelling {
    var sortsChosen: Bool { true }

    var breaksTies: Bool { false }

    /// By a node with a batch, from opset 12 on.
    func gather(from x: ValueID, _ build: NodeBuilder) -> any BlockGather {
        if build.opset >= Converter.batchedGatherOpset { BatchedGather() } else { FlatGather() }
    }

    func firstChannels(
        of x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.slice(x, 0, size.k, "first") }

    /// Slice, Add, Slice, Concat.
    func fuseParts(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID {
        let first = try build.slice(x, 0, size.k, "fusion/first")
        let rest = try build.slice(x, size.k, size.channels, "fusion/rest")
        let sum = try build.add("Add", [body, first], "fusion")
        return try build.add("Concat", [sum, rest], "fusion", ["axis": .int(1)])
    }

    /// Pad, MaxPool of one element, Add.
    func fusePadded(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ pooling: Attributes,
        _ build: inout NodeBuilder
    ) throws -> ValueID {
        let padded = try build.padChannels(body, by: size.channels - size.k, "fusion")
        let placed = try build.add("MaxPool", [padded], "fusion", pooling)
        return try build.add("Add", [placed, x], "fusion")
    }
}
