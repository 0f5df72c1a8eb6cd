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
        case .convert(let block): block.form.text
        case .open: "open: a budget decides"
        case .keep(.firstOfStage): "kept: first block of its stage"
        case .keep(.evenPosition): "kept: not one of the alternate blocks"
        case .keep(.notNamed): "kept: not named by --blocks"
        case .keep(.notAppended): "kept: not appended by --deepen"
        case .keep(.ratioOne): "kept: ratio 1"
        case .keep(.offTheChain): "kept: calibration cannot follow the way through it"
        case .keep(.budget): "kept: the budget is better spent elsewhere"
        case .notEligible(.stride(let stride)): "not eligible: stride \(stride)"
        case .notEligible(let obstacle): "not eligible: \(obstacle)"
        }
    }
}
