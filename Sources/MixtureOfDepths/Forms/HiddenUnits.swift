/// The sizes of a body whose hidden layers are cut. All inputs and outputs of the block stay.
public struct HiddenUnits: Sendable, Equatable {
    /// C, the channels of the residual stream.
    public let channels: Int
    /// The units of each hidden layer that a sample computes.
    public let kept: [Int]

    init(channels: Int, kept: [Int]) {
        self.channels = channels
        self.kept = kept
    }

    init?(_ record: BlockRecord) {
        guard record.channels > 0, !record.hidden.isEmpty, record.hidden.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        self.init(channels: record.channels, kept: record.hidden)
    }

    /// Fills the record's entries that all forms of hidden units share: no convolution is grouped.
    func complete(_ record: inout BlockRecord, kind: String) {
        record.kind = kind
        record.groups = [Int](repeating: 1, count: kept.count + 1)
        record.fused = channels
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
    public var fused: Int { units.channels }
}
