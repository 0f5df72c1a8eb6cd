/// The recipe that makes the blocks of a trained network smaller without training: their weights are fitted
/// to the source's results on images.
public struct CalibratedRecipe: Sendable, Equatable {
    /// The size to which blocks are reduced.
    public enum Goal: Sendable, Equatable {
        /// The same share of every block.
        case share(ModRatio, BlockReduction)
        /// The reduction of each block that serves a budget best; blocks may also stay as they are, or be
        /// dropped.
        case budget(Budget, BlockReduction)
        /// The blocks are left out: the baseline.
        case dropped
        /// As few blocks are left out as a budget requires.
        case droppedFor(Budget)
    }

    /// Which weights are fitted.
    public enum Weights: String, Sendable, CaseIterable {
        /// None: all weights stay the source's.
        case keep
        /// Those of converted blocks, and of all blocks after them, in closed form.
        case refit
        /// Those of converted blocks; all others stay the source's bit for bit.
        case refitConverted = "refit-converted"
    }

    /// The size to which blocks are reduced.
    public var goal: Goal
    /// Which weights are fitted.
    public var weights: Weights
    /// The images that the weights are fitted to.
    public var images: CalibrationData

    /// A recipe; the images default to the usual, generated ones.
    public init(
        _ goal: Goal, weights: Weights = .refit, images: CalibrationData = CalibrationData()
    ) {
        self.goal = goal
        self.weights = weights
        self.images = images
    }

    /// The budget, if there is one.
    public var budget: Budget? {
        switch goal {
        case .share, .dropped: nil
        case .budget(let budget, _), .droppedFor(let budget): budget
        }
    }

    /// How blocks are reduced; nil if they are only dropped.
    public var reduction: BlockReduction? {
        switch goal {
        case .share(_, let reduction), .budget(_, let reduction): reduction
        case .dropped, .droppedFor: nil
        }
    }
}

/// How a block of a trained network is reduced.
public struct BlockReduction: Sendable, Equatable {
    /// The things that are chosen.
    public enum Units: Sendable, Equatable {
        /// The units between the block's convolutions; all inputs and outputs stay.
        case hidden
        /// The block's input channels, as in the paper.
        case channels(Fusion)
    }

    /// The channels that a block's result is added to.
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
        /// For each block, whichever has the smaller error on calibration images that no fit has seen.
        case auto
    }

    /// The things that are chosen.
    public var units: Units
    /// Who chooses.
    public var router: RouterChoice
    /// Rounds counts down to a multiple of this, but at least to this; nil leaves them unrounded.
    public var roundTo: Int?
    /// How the blocks are spelled in ONNX.
    public var emission: Emission

    /// A reduction; the default chooses hidden units, each block with the chooser of the smaller error.
    public init(
        _ units: Units = .hidden, router: RouterChoice = .auto, roundTo: Int? = nil,
        emission: Emission = .standard
    ) {
        self.units = units
        self.router = router
        self.roundTo = roundTo
        self.emission = emission
    }

    /// Who may choose in a block; if more than one, calibration decides.
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
