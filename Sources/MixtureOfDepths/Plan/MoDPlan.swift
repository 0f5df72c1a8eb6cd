import GraphIR

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
    public internal(set) var request: ConversionRequest
    /// Every block of the model, in topological order.
    public internal(set) var entries: [Entry]

    /// The entries that are to be converted.
    public var conversions: [(entry: Entry, block: PlannedBlock)] {
        entries.compactMap { entry in
            if case .convert(let block) = entry.verdict { (entry, block) } else { nil }
        }
    }

    /// Whether no block is converted, nor could be by a budget.
    public var leavesAll: Bool { entries.allSatisfy { !$0.verdict.isReduction } }
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

    /// The same decisions, made for another budget; a plan that serves none stays as it is.
    public func serving(_ budget: Budget) -> MoDPlan {
        guard case .calibrated(var recipe, let blocks) = request.recipe else { return self }
        switch recipe.goal {
        case .budget(_, let reduction): recipe.goal = .budget(budget, reduction)
        case .droppedFor: recipe.goal = .droppedFor(budget)
        case .share, .dropped: return self
        }
        var plan = self
        plan.request.recipe = .calibrated(recipe, on: blocks)
        return plan
    }
}

/// What a block is to become.
public enum PlannedBlock: Sendable, Equatable {
    /// A block that is to be trained: emission cuts its weights out of the source's, or draws them.
    case trainable(TrainableForm)
    /// A block whose weights calibration fits, with the source's body that it cuts.
    case calibrated(CalibratedForm, LayeredBody)

    /// The form, among all.
    public var form: BlockForm {
        switch self {
        case .trainable(let form): form.form
        case .calibrated(let form, _): form.form
        }
    }
}
