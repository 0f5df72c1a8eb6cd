/// How the blocks of a trained network are made without training: smaller, with weights that are fitted to what the
/// source computes on images.
public struct CalibratedRecipe: Sendable, Equatable {
    /// What the blocks are reduced to.
    public enum Goal: Sendable, Equatable {
        /// The same share of each block.
        case share(ModRatio, BlockReduction)
        /// Of each block what serves a budget best; blocks may also be left as they are, or dropped.
        case budget(Budget, BlockReduction)
        /// The blocks are left out: the baseline.
        case dropped
        /// Blocks are left out as far as a budget asks for it.
        case droppedFor(Budget)
    }

    /// What happens to weights.
    public enum Weights: String, Sendable, CaseIterable {
        /// They stay the source's.
        case keep
        /// Those of converted blocks, and of all that follow, are fitted in closed form.
        case refit
        /// Those of converted blocks are fitted; all others stay the source's bit by bit.
        case refitConverted = "refit-converted"
    }

    /// What the blocks are reduced to.
    public var goal: Goal
    /// What happens to weights.
    public var weights: Weights
    /// What the weights are fitted to.
    public var images: CalibrationData

    /// A recipe with the usual images, generated ones, unless more is said.
    public init(
        _ goal: Goal, weights: Weights = .refit, images: CalibrationData = CalibrationData()
    ) {
        self.goal = goal
        self.weights = weights
        self.images = images
    }

    /// The budget, where there is one.
    public var budget: Budget? {
        switch goal {
        case .share, .dropped: nil
        case .budget(let budget, _), .droppedFor(let budget): budget
        }
    }

    /// How blocks are reduced; nil where they are only dropped.
    public var reduction: BlockReduction? {
        switch goal {
        case .share(_, let reduction), .budget(_, let reduction): reduction
        case .dropped, .droppedFor: nil
        }
    }
}

/// How a block of a trained network is reduced.
public struct BlockReduction: Sendable, Equatable {
    /// What is chosen.
    public enum Units: Sendable, Equatable {
        /// The units between the block's convolutions; all inputs and outputs stay.
        case hidden
        /// The block's input channels, as in the paper.
        case channels(Fusion)
    }

    /// Which channels a block's result is added to.
    public enum Fusion: String, Sendable, CaseIterable {
        case all
        /// The first k: the paper's fusion.
        case first = "first-k"
    }

    /// Who chooses.
    public enum RouterChoice: String, Sendable, CaseIterable {
        /// A router, for each sample.
        case topk
        /// Nobody at run time: a fixed subset.
        case fixed
        /// For each block, whichever errs less on calibration images that no fit has seen.
        case auto
    }

    /// What is chosen.
    public var units: Units
    /// Who chooses.
    public var router: RouterChoice
    /// Rounds counts down to a multiple of this, at least that multiple; nil leaves them as they come.
    public var roundTo: Int?
    /// How the blocks are spelled in ONNX.
    public var emission: Emission

    /// Hidden units, each block by the chooser that errs less, unless more is said.
    public init(
        _ units: Units = .hidden, router: RouterChoice = .auto, roundTo: Int? = nil,
        emission: Emission = .standard
    ) {
        self.units = units
        self.router = router
        self.roundTo = roundTo
        self.emission = emission
    }

    /// Who may choose in a block; more than one leaves the decision to calibration.
    public var choosers: [Chooser] {
        switch router {
        case .topk: [.router]
        case .fixed: [.nobody]
        case .auto: [.nobody, .router]
        }
    }
}

/// Who chooses in one calibrated block.
public enum Chooser: Sendable, Hashable {
    /// Nobody at run time: a fixed subset.
    case nobody
    /// A router, for each sample.
    case router
}
