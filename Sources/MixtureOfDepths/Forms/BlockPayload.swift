/// The sizes of one form of block, and all that follows from them: its text, what samples choose, its record in the
/// manifest. One file a form.
public protocol BlockPayload: Sendable, Equatable {
    /// As reports call the form, and the manifest's `kind` spells it.
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
    /// The block of a converted file, as `inspect`, `macs` and pages name it: `MoD k=128 of 256`.
    var summary: String { get }
    /// What `inspect` says beside that, such as who chooses: `hidden 32/32, selector 16`.
    var remark: String { get }
    /// What samples choose; empty for a form that treats all alike.
    var choices: [ChoiceSize] { get }
    /// How the block gathers what each sample chose.
    var gathering: Gathering { get }
    /// The case that holds the payload.
    var form: BlockForm { get }

    /// Whether a manifest's record is of this form.
    static func claims(_ record: BlockRecord) -> Bool
    /// The sizes in a record; nil if they make no sense.
    init?(_ record: BlockRecord)
    /// Puts the sizes that are particular to the form into a record.
    func complete(_ record: inout BlockRecord)
}

/// How a block gathers what each sample chose; it decides which opset the block needs.
public enum Gathering: Sendable {
    /// Nothing is gathered by sample.
    case none
    /// Whole channels: where all extents are static a flat Gather does, which every opset has.
    case flatIfStatic
    /// By operators with a batch: GatherND with `batch_dims` or GatherElements.
    case batched
}

/// How many a sample chooses, and of what.
public struct ChoiceSize: Sendable, Equatable {
    /// What is chosen from.
    public enum Kind: Sendable, Equatable {
        /// The channels of the block's input.
        case channels
        /// The units of a hidden layer of the block, counted from 1.
        case units(layer: Int)
    }

    /// What is chosen from.
    public let kind: Kind
    /// How many are chosen: k.
    public let count: Int

    /// One choice for each hidden layer.
    static func units(_ counts: [Int]) -> [ChoiceSize] {
        counts.enumerated().map { ChoiceSize(kind: .units(layer: $0.offset + 1), count: $0.element) }
    }
}

extension [Int] {
    /// `32/32`: widths in the order of layers.
    var widthsText: String { map(String.init).joined(separator: "/") }
}
