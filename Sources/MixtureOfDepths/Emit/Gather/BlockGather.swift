import GraphIR
import Operators

/// One way to gather, for each sample, the channels that it has chosen.
///
///     indices [N,k,1,1] ── places ─┬─ channels of X [N,C,H,W] ──── X^ [N,k,H,W]
///                                  └─ scores [N,C,1,1] ─────────── gate [N,k,1,1]
protocol BlockGather: Sendable {
    /// The indices as both gathers read them.
    ///
    /// - Parameters:
    ///   - indices: [N, k, 1, 1], ascending.
    ///   - value: a value with the batch, [N, C, H, W].
    ///   - path: the prefix of new names.
    func places(
        _ indices: ValueID, in value: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID

    /// X^ [N, k, H, W], whole channels of `x`.
    func channels(
        of x: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID

    /// The scores of the chosen channels or units, [N, k, 1, 1].
    func scores(
        of scores: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String,
        _ build: inout NodeBuilder
    ) throws -> ValueID
}

/// A gather that reads the indices as they are, and the scores by GatherElements.
protocol IndexedGather: BlockGather {}

extension IndexedGather {
    func places(
        _ indices: ValueID, in value: ValueID, _ size: ChannelPart, _ path: String, _ build: inout NodeBuilder
    ) throws -> ValueID { indices }

    func scores(
        of scores: ValueID, at places: ValueID, _ size: ChannelPart, _ path: String,
        _ build: inout NodeBuilder
    ) throws -> ValueID { try build.add("GatherElements", [scores, places], path, ["axis": .int(1)]) }
}
