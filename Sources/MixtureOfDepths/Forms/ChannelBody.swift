/// The sizes of a body that works on a part of the block's channels: k of C enter it, and its widths shrink
/// by the same ratio.
public struct ChannelBody: Sendable, Equatable {
    /// C, the channels of the residual stream.
    public let channels: Int
    /// k, the channels that enter the body.
    public let processed: Int
    /// The widths between the body's convolutions: one for a basic block, two for a bottleneck.
    public let hidden: [Int]
    /// The groups of each of the body's convolutions.
    public let groups: [Int]
    /// The first channels of the stream, to which the body's result is added.
    public internal(set) var fused: Int
    /// k before rounding, if rounding changed it.
    public let unrounded: Int?
    /// The features that a sample's bias depends on (`DynamicBias`); nil without one.
    public internal(set) var biasRank: Int?

    init(
        channels: Int, processed: Int, hidden: [Int], groups: [Int], fused: Int, unrounded: Int? = nil,
        biasRank: Int? = nil
    ) {
        self.channels = channels
        self.processed = processed
        self.hidden = hidden
        self.groups = groups
        self.fused = fused
        self.unrounded = unrounded
        self.biasRank = biasRank
    }

    /// The body that a manifest's record describes. A record without `fused` adds the result to the first k
    /// channels.
    init?(_ record: BlockRecord) {
        let fused = record.fused ?? record.processed
        guard record.channels > 0, (1...record.channels).contains(record.processed),
            (1...record.channels).contains(fused), record.hidden.allSatisfy({ $0 > 0 }),
            record.biasRank ?? 1 > 0
        else { return nil }
        self.init(
            channels: record.channels, processed: record.processed, hidden: record.hidden,
            groups: record.groups, fused: fused, biasRank: record.biasRank)
    }

    /// Fills the record's entries that the calibrated forms of narrower bodies share.
    func complete(_ record: inout BlockRecord, kind: String) {
        record.kind = kind
        record.groups = groups
        record.fused = fused
        record.biasRank = biasRank
    }

    /// `k=128, hidden 32/32`, and k before rounding.
    var text: String { "\(sizeText), \(widthsText)" }

    /// `k=128`.
    var sizeText: String { "k=\(processed)" }

    /// `hidden 32/32`, and k before rounding.
    var widthsText: String {
        "hidden \(hidden.widthsText)" + (unrounded.map { " (k rounded from \($0))" } ?? "")
    }
}

/// A form whose body works on a part of the block's channels.
public protocol ChannelForm: BlockPayload {
    /// The sizes of the body.
    var body: ChannelBody { get }
}

extension ChannelForm {
    public var channels: Int { body.channels }
    public var processed: Int { body.processed }
    public var hidden: [Int] { body.hidden }
    public var fused: Int { body.fused }
    public var biasRank: Int? { body.biasRank }
}
