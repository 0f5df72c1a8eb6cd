/// The form of a block in a converted network, with its sizes.
///
/// The planner decides it, the recogniser finds it, the manifest stores it; emission, verification and
/// calibration switch over it. docs/adding-a-block-form.md lists the steps to add a case.
public enum BlockForm: Sendable, Equatable {
    /// The paper's block.
    case routedPaper(RoutedPaper)
    /// The paper's block on the first k channels, without a selector.
    case fixedPaper(FixedPaper)
    /// A selector picks hidden units and gates them; trainable.
    case gatedHidden(GatedHidden)
    /// A narrower block: always the same hidden units.
    case fixedHidden(FixedHidden)
    /// A linear router picks hidden units; their weights are gathered.
    case routedHidden(RoutedHidden)
    /// The channels with the highest weighted means enter a narrower body.
    case routedChannels(RoutedChannels)
    /// Some channels enter always; others are the higher one of a pair.
    case pairedChannels(PairedChannels)
    /// Always the same channels enter a narrower body.
    case fixedChannels(FixedChannels)
    /// The block is left out; its input passes.
    case dropped(Dropped)

    /// The sizes and facts of the form, whichever it is.
    public var payload: any BlockPayload {
        switch self {
        case .routedPaper(let payload): payload
        case .fixedPaper(let payload): payload
        case .gatedHidden(let payload): payload
        case .fixedHidden(let payload): payload
        case .routedHidden(let payload): payload
        case .routedChannels(let payload): payload
        case .pairedChannels(let payload): payload
        case .fixedChannels(let payload): payload
        case .dropped(let payload): payload
        }
    }

    /// Every payload type; the one that claims a manifest record's kind reads the record.
    static let payloads: [any BlockPayload.Type] = [
        RoutedPaper.self, FixedPaper.self, GatedHidden.self, FixedHidden.self, RoutedHidden.self,
        RoutedChannels.self, PairedChannels.self, FixedChannels.self, Dropped.self,
    ]

    /// The form that a manifest's record describes; nil if its kind is unknown or its sizes are impossible.
    init?(_ record: BlockRecord) {
        guard let type = BlockForm.payloads.first(where: { $0.claims(record) }),
            let payload = type.init(record)
        else { return nil }
        self = payload.form
    }
}

extension BlockForm {
    /// C, the channels of the residual stream.
    public var channels: Int { payload.channels }
    /// The channels that enter the body.
    public var processed: Int { payload.processed }
    /// The units between the body's convolutions that a sample computes.
    public var hidden: [Int] { payload.hidden }
    /// The first channels of the stream, to which the body's result is added.
    public var fused: Int { payload.fused }
    /// The decision, as the ledger prints it.
    public var text: String { payload.text }
    /// The choices that each sample makes; empty for a form that treats all samples alike.
    public var choices: [ChoiceSize] { payload.choices }
    /// Whether samples of one batch may be treated differently.
    public var isRouted: Bool { !payload.choices.isEmpty }
    /// The form's name in reports and in the manifest.
    public var name: String { payload.name }
}
