import GraphIR

/// The gather for a batch of 1, which all samples of a batch would share:
///
///     indices [1,k,1,1] ── Reshape [k] ─┬─ Gather(X, axis 1)
///                                       └─ Gather(scores, axis 1)
struct AxisGather: BlockGather {
    func places(
        _ indices: ValueID, in value: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.reshape(indices, [Int64(size.k)], "\(path)/indices") }

    func channels(
        of x: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.add("Gather", [x, places], path, ["axis": .int(1)]) }

    func scores(
        of scores: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String,
        _ build: inout NodeBuilder
    ) throws -> ValueID { try build.add("Gather", [scores, places], path, ["axis": .int(1)]) }
}
