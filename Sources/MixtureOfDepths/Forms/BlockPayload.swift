/// The sizes of one form of block, and everything that follows from them: its text, the choices of a sample,
/// its record in the manifest. Each form has one file.
public protocol BlockPayload: Sendable, Equatable {
    /// The form's name in reports, and its `kind` in the manifest.
    var name: String { get }
    /// C, the channels of the residual stream.
    var channels: Int { get }
    /// The channels that enter the body.
    var processed: Int { get }
    /// The units between the body's convolutions that a sample computes.
    var hidden: [Int] { get }
    /// The first channels of the stream, to which the body's result is added.
    var fused: Int { get }
    /// The decision, as the ledger prints it: `fixed hidden 32/32`.
    var text: String { get }
    /// The block's description in `inspect`, `macs` and pages, for a converted file: `MoD k=128 of 256`.
    var summary: String { get }
    /// Further facts for `inspect`, such as who chooses: `hidden 32/32, selector 16`.
    var remark: String { get }
    /// The choices that each sample makes; empty for a form that treats all samples alike.
    var choices: [ChoiceSize] { get }
    /// How the block gathers each sample's choice.
    var gathering: Gathering { get }
    /// d, the features of a sample that a bias of its own depends on (`DynamicBias`); nil without one.
    var biasRank: Int? { get }
    /// The case that holds the payload.
    var form: BlockForm { get }

    /// Whether a manifest's record describes this form.
    static func claims(_ record: BlockRecord) -> Bool
    /// The sizes in a record; nil if they are impossible.
    init?(_ record: BlockRecord)
    /// Adds the sizes that are particular to the form to a record.
    func complete(_ record: inout BlockRecord)
    /// Whether these can be the values of the form's choices.
    func accepts(_ choices: [ChoiceValues]) -> Bool
}

extension BlockPayload {
    public var biasRank: Int? { nil }

    /// `, bias of 16`; empty without a bias.
    var biasText: String { biasRank.map { ", bias of \($0)" } ?? "" }

    public func accepts(_ values: [ChoiceValues]) -> Bool {
        values.count == choices.count && values.allSatisfy { $0.pairs == nil }
    }
}

/// How a block gathers each sample's choice. This decides which opset the block needs.
public enum Gathering: Sendable {
    /// Nothing is gathered per sample.
    case none
    /// By lists that all samples share, and Where between two of them, which opset 9 has.
    case oneOfTwo
    /// Whole channels: where all extents are static, a flat Gather is enough, which every opset has.
    case flatIfStatic
    /// By operators with a batch: GatherND with `batch_dims` or GatherElements.
    case batched
}

/// The size of a sample's choice, and the kind of things chosen.
public struct ChoiceSize: Sendable, Equatable {
    /// The kind of things that are chosen.
    public enum Kind: Sendable, Equatable {
        /// The channels of the block's input.
        case channels
        /// One of two channels of the block's input.
        case pairs
        /// The units of a hidden layer of the block, counted from 1.
        case units(layer: Int)
    }

    /// The kind of things that are chosen.
    public let kind: Kind
    /// k, the number chosen; of pairs, their number.
    public let count: Int

    /// One choice for each hidden layer.
    static func units(_ counts: [Int]) -> [ChoiceSize] {
        counts.enumerated().map { ChoiceSize(kind: .units(layer: $0.offset + 1), count: $0.element) }
    }
}

extension [Int] {
    /// `32/32`: the widths in the order of layers.
    var widthsText: String { map(String.init).joined(separator: "/") }
}
