import GraphIR

/// The sizes of one MoD block.
public struct MoDShape: Sendable, Equatable {
    /// C, the channels of the residual stream.
    public let channels: Int
    /// k, the channels that are processed.
    public let processed: Int
    /// The widths between the body's convolutions: `[hidden]` for a basic block, two for a bottleneck.
    public let hidden: [Int]
    /// The groups of each of the body's convolutions.
    public let groups: [Int]
    /// C / r, the selector's hidden units; nil without a selector.
    public let selectorHidden: Int?
    /// k before rounding, if rounding changed it.
    public let unrounded: Int?
    /// What the block becomes.
    public var kind = BlockKind.paper
    /// The channels that the body's result is added to: the first of them.
    public var fused: Int
    /// The filters that the body's hidden layers hold, where `hidden` counts those of them that a sample computes.
    public var widths: [Int]?

    /// The filters that the body's hidden layers hold.
    public var filters: [Int] { widths ?? hidden }
}

/// What happens to one block, and why.
public enum Verdict: Sendable, Equatable {
    case convert(MoDShape)
    /// It can be converted; how far, a budget decides.
    case open
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
}

/// What is decided for every block of a model; emission follows it without further decisions.
public struct MoDPlan: Sendable {
    /// One block and what is decided for it.
    public struct Entry: Sendable {
        /// The stage that the block belongs to, from 0.
        public let stage: Int
        /// The block's place in its stage.
        public let index: Int
        /// The block as it was recognised.
        public let block: ConvBlock
        /// What becomes of the block, and why.
        public internal(set) var verdict: Verdict
    }

    /// What the plan was made for.
    public internal(set) var options: ConversionOptions
    /// Every block of the model, in topological order.
    public internal(set) var entries: [Entry]

    /// The entries that are to be converted.
    public var conversions: [(entry: Entry, shape: MoDShape)] {
        entries.compactMap { entry in
            if case .convert(let shape) = entry.verdict { (entry, shape) } else { nil }
        }
    }
}

extension MoDPlan {
    /// The same plan with other decisions for some blocks, by the residual sum of each.
    public func deciding(_ verdicts: [NodeID: Verdict]) -> MoDPlan {
        var plan = self
        for (position, entry) in entries.enumerated() {
            if let verdict = verdicts[entry.block.closing] { plan.entries[position].verdict = verdict }
        }
        return plan
    }

    /// The same decisions, made for another budget.
    public func serving(_ budget: Budget) -> MoDPlan {
        var plan = self
        plan.options.target = .budget(budget)
        return plan
    }

    /// Whether no block is converted, nor could be by a budget.
    public var leavesAll: Bool { entries.allSatisfy { !$0.verdict.isReduction } }
}

extension Verdict {
    /// Whether the block is converted, or a budget decides how far it is.
    public var isReduction: Bool {
        switch self {
        case .convert, .open: true
        case .keep, .notEligible: false
        }
    }
}

extension MoDShape {
    /// The sizes as the ledger prints them.
    var text: String {
        let widths = "hidden \(hidden.map(String.init).joined(separator: "/"))"
        let rounding = unrounded.map { " (k rounded from \($0))" } ?? ""
        switch kind {
        case .paper: return "MoD k=\(processed), \(widths)\(rounding)"
        case .routedChannels, .fixedChannels: return "\(kind.rawValue) k=\(processed), \(widths)\(rounding)"
        case .routedHidden, .fixedHidden:
            return "\(kind.rawValue) \(hidden.map(String.init).joined(separator: "/"))"
        case .gatedHidden:
            let pairs = zip(hidden, filters).map { "\($0) of \($1)" }
            return "\(kind.rawValue) \(pairs.joined(separator: ", "))"
        case .dropped: return kind.rawValue
        }
    }
}

extension Verdict {
    /// The verdict as the ledger prints it.
    public var text: String {
        switch self {
        case .convert(let shape):
            shape.text
        case .open: "open: a budget decides"
        case .keep(.firstOfStage): "kept: first block of its stage"
        case .keep(.evenPosition): "kept: not one of the alternate blocks"
        case .keep(.notNamed): "kept: not named by --blocks"
        case .keep(.notAppended): "kept: not appended by --deepen"
        case .keep(.ratioOne): "kept: ratio 1"
        case .keep(.offTheChain): "kept: calibration cannot follow the way through it"
        case .keep(.budget): "kept: the budget is better spent elsewhere"
        case .notEligible(.stride(let stride)): "kept: stride \(stride)"
        case .notEligible(let obstacle): "not eligible: \(obstacle)"
        }
    }
}
