import GraphIR

/// The decisions for every block of a model. Emission follows the plan and decides nothing.
public struct MoDPlan: Sendable {
    /// One block and its verdict.
    public struct Entry: Sendable {
        /// The stage that the block belongs to, from 0.
        public let stage: Int
        /// The block's index in its stage, from 0.
        public let index: Int
        /// The block as it was recognised.
        public let block: ConvBlock
        /// The decision for the block, with its reason.
        public internal(set) var verdict: Verdict
    }

    /// The request that the plan serves.
    public internal(set) var request: ConversionRequest
    /// Every block of the model, in topological order.
    public internal(set) var entries: [Entry]

    /// The entries whose blocks are converted.
    public var conversions: [(entry: Entry, block: PlannedBlock)] {
        entries.compactMap { entry in
            if case .convert(let block) = entry.verdict { (entry, block) } else { nil }
        }
    }

    /// Whether no block is converted, and no budget could convert one.
    public var leavesAll: Bool { entries.allSatisfy { !$0.verdict.isReduction } }
}

extension MoDPlan {
    /// The same plan with other verdicts for some blocks, keyed by each block's residual sum.
    public func deciding(_ verdicts: [NodeID: Verdict]) -> MoDPlan {
        var plan = self
        for (position, entry) in entries.enumerated() {
            if let verdict = verdicts[entry.block.closing] { plan.entries[position].verdict = verdict }
        }
        return plan
    }

    /// The same plan, in which no block has a bias for each sample.
    public var withoutBiases: MoDPlan {
        let verdicts = entries.compactMap { entry -> (NodeID, Verdict)? in
            guard case .convert(.calibrated(let form, let body)) = entry.verdict else { return nil }
            return (entry.block.closing, .convert(.calibrated(form.withoutBias, body)))
        }
        return deciding(Dictionary(verdicts, uniquingKeysWith: { first, _ in first }))
    }

    /// The same plan, recorded as made for another budget. A plan without a budget stays as it is.
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

/// The form planned for a block.
public enum PlannedBlock: Sendable, Equatable {
    /// A block to be trained: emission cuts its weights from the source's, or draws them.
    case trainable(TrainableForm)
    /// A block whose weights calibration fits, with the source's body that is cut.
    case calibrated(CalibratedForm, LayeredBody)

    /// The form as a `BlockForm`.
    public var form: BlockForm {
        switch self {
        case .trainable(let form): form.form
        case .calibrated(let form, _): form.form
        }
    }
}
