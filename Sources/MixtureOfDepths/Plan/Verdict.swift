/// What happens to one block, and why.
public enum Verdict: Sendable, Equatable {
    case convert(PlannedBlock)
    /// It can be converted; how far, a budget decides.
    case open(LayeredBody)
    /// It could be converted, but the placement leaves it.
    case keep(KeepReason)
    /// It cannot be converted, wherever it stands.
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

    /// Whether the block is converted, or a budget decides how far it is.
    public var isReduction: Bool {
        switch self {
        case .convert, .open: true
        case .keep, .notEligible: false
        }
    }

    /// The body that calibration is to cut; nil for a block that stays or is to be trained.
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

    /// The form that the block takes, or why it takes none.
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
