import GraphIR

/// The fast spelling of version 0.2, for files that have to come out as they did then: the sum of
/// `PaddedSpelling`, with GatherND, unsorted TopK, and a pooling without strides.
struct FastSpelling: BlockSpelling {
    var sortsChosen: Bool { false }

    func fuse(
        _ body: ValueID, into x: ValueID, _ size: ChannelPart, _ build: inout NodeBuilder
    ) throws -> ValueID {
        try fusePadded(body, into: x, size, ["kernel_shape": .ints([1, 1])], &build)
    }
}
