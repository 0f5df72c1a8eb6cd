import GraphIR

/// The gather for a batch of 1, which all samples of a batch would share:
///
///     indices [1,k,1,1] ── Reshape [k] ─┬─ Gather(X, axis 1)
///                                       └─ Gather(scores, axis 1)
struct AxisGather: BlockGather {
    /// Whether scores are gathered as [1,C]: of [1,C,1,1], with its channels moved to the end, onnx2tf takes axis 1 for
    /// a place of the map.
    var flattensScores = false

    func places(
        _ indices: ValueID, in value: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.reshape(indices, [Int64(size.k)], "\(path)/indices") }

    func channels(
        of x: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID { try build.add("Gather", [x, places], path, ["axis": .int(1)]) }

    func scores(
        of scores: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String,
        _ build: inout NodeBuilder
    ) throws -> ValueID {
        guard flattensScores else {
            return try build.add("Gather", [scores, places], path, ["axis": .int(1)])
        }
        let row = try build.reshape(scores, [0, Int64(size.channels)], "\(path)/scores")
        let picked = try build.add("Gather", [row, places], path, ["axis": .int(1)])
        return try build.reshape(picked, [0, Int64(size.k), 1, 1], "\(path)/shape")
    }
}
