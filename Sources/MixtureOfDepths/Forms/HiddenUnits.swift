/// The sizes of a body whose hidden layers are cut. All inputs and outputs of the block stay.
public struct HiddenUnits: Sendable, Equatable {
    /// C, the channels of the block's input.
    public let channels: Int
    /// The channels of the block's output; C in all blocks but those that change the width.
    public let outputs: Int
    /// The units of each hidden layer that a sample computes.
    public let kept: [Int]
    /// The groups of each convolution.
    public let groups: [Int]
    /// The features that a sample's bias depends on (`DynamicBias`); nil without one.
    public internal(set) var biasRank: Int?

    init(channels: Int, outputs: Int? = nil, kept: [Int], groups: [Int]? = nil, biasRank: Int? = nil) {
        self.channels = channels
        self.outputs = outputs ?? channels
        self.kept = kept
        self.groups = groups ?? [Int](repeating: 1, count: kept.count + 1)
        self.biasRank = biasRank
    }

    init?(_ record: BlockRecord) {
        guard record.channels > 0, !record.hidden.isEmpty, record.hidden.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        let outputs = record.fused ?? record.channels
        guard outputs > 0, record.groups.count == record.hidden.count + 1,
            record.groups.allSatisfy({ $0 > 0 }), record.biasRank ?? 1 > 0
        else { return nil }
        self.init(
            channels: record.channels, outputs: outputs, kept: record.hidden, groups: record.groups,
            biasRank: record.biasRank)
    }

    /// Fills the record's entries that all forms of hidden units share.
    func complete(_ record: inout BlockRecord, kind: String) {
        record.kind = kind
        record.groups = groups
        record.fused = outputs
        record.biasRank = biasRank
    }
}

/// A form whose hidden layers are cut, while all inputs and outputs of the block stay.
public protocol HiddenForm: BlockPayload {
    /// The sizes of the hidden layers.
    var units: HiddenUnits { get }
}

extension HiddenForm {
    public var channels: Int { units.channels }
    public var processed: Int { units.channels }
    public var hidden: [Int] { units.kept }
    public var fused: Int { units.outputs }
    public var biasRank: Int? { units.biasRank }
}
