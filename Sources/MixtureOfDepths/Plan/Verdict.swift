/// The decision for one block, with its reason.
public enum Verdict: Sendable, Equatable {
    case convert(PlannedBlock)
    /// The block can be converted; a budget decides how far.
    case open(LayeredBody)
    /// The block could be converted, but the placement leaves it.
    case keep(KeepReason)
    /// The block cannot be converted, wherever it is.
    case notEligible(Obstacle)

    /// Why the placement leaves a block.
    public enum KeepReason: Sendable, Equatable {
        case firstOfStage
        case evenPosition
        case notNamed
        case notAppended
        case ratioOne
        case offTheChain
        case budget
    }

    /// Whether the block is converted, or a budget decides how far it will be.
    public var isReduction: Bool {
        switch self {
        case .convert, .open: true
        case .keep, .notEligible: false
        }
    }

    /// The body for calibration to cut; nil for a block that stays or is to be trained.
    public var calibratedBody: LayeredBody? {
        switch self {
        case .convert(.calibrated(_, let body)), .open(let body): body
        case .convert(.trainable), .keep, .notEligible: nil
        }
    }

    /// The verdict as the ledger prints it.
    public var text: String {
        switch self {
        case .convert: reason
        case .open: "open: \(reason)"
        case .keep: "kept: \(reason)"
        case .notEligible: "not eligible: \(reason)"
        }
    }

    /// The form that the block takes, or why it stays.
    public var reason: String {
        switch self {
        case .convert(let block): block.form.text
        case .open: "a budget decides"
        case .keep(let reason): reason.text
        case .notEligible(let obstacle): obstacle.description
        }
    }
}

extension Verdict.KeepReason {
    fileprivate var text: String {
        switch self {
        case .firstOfStage: "first block of its stage"
        case .evenPosition: "not one of the alternate blocks"
        case .notNamed: "not named by --blocks"
        case .notAppended: "not appended by --deepen"
        case .ratioOne: "ratio 1"
        case .offTheChain: "calibration cannot follow the way through it"
        case .budget: "the budget is better spent elsewhere"
        }
    }
}
