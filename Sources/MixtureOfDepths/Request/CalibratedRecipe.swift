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

        /// Whether at most a quarter of each block is left.
        var isHarsh: Bool {
            if case .share(let ratio, _) = self { ratio.value <= 0.25 } else { false }
        }

        /// Whether at least a half of each block is left.
        var isMild: Bool {
            if case .share(let ratio, _) = self { ratio.value >= 0.5 } else { false }
        }
    }

    /// Which weights are fitted.
    public enum Weights: String, Sendable, CaseIterable {
        /// None: all weights stay the source's.
        case keep
        /// Those of converted blocks, and of all blocks after them, in closed form.
        case refit
        /// Those of converted blocks; all others stay the source's bit for bit.
        case refitConverted = "refit-converted"
        /// As with `refit`; then the convolutions of each converted block are tuned together, by gradients.
        case tune

        /// Whether the blocks after a converted one are fitted.
        public var fitsFollowing: Bool { self == .refit || self == .tune }
    }

    /// The size to which blocks are reduced.
    public var goal: Goal
    /// Which weights are fitted.
    public var weights: Weights
    /// The images that the weights are fitted to.
    public var images: CalibrationData
    /// Whether blocks get a bias for each sample.
    public var bias: BiasChoice

    /// A recipe; the images default to the usual, generated ones, the weights and the bias to the usual ones of goal and
    /// images.
    public init(
        _ goal: Goal, weights: Weights? = nil, images: CalibrationData = CalibrationData(),
        bias: BiasChoice? = nil
    ) {
        self.goal = goal
        self.weights = weights ?? CalibratedRecipe.usualWeights(for: goal, on: images)
        self.images = images
        self.bias = .none
        self.bias = bias ?? usualBias
    }

    /// The weights that are fitted if nobody says which: with real images, a harsh ratio is what tuning pays for
    /// (docs/accuracy.md).
    public static func usualWeights(for goal: Goal, on images: CalibrationData) -> Weights {
        goal.isHarsh && !images.isSynthetic ? .tune : .refit
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
        /// Either, whichever serves a budget better; with one ratio for all blocks, hidden units.
        case any
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
        /// Half of the slots take, for each sample, the higher one of two channels. Always chooses channels.
        case pairs
        /// Nobody at run time: a fixed subset.
        case fixed
        /// For each block, whichever has the smaller error on calibration images that no fit has seen: of
        /// hidden units `fixed` or `topk`, of channels `fixed` or `pairs`.
        case auto
    }

    /// The things that are chosen.
    public var units: Units
    /// Who chooses.
    public var router: RouterChoice
    /// Rounds counts down to a multiple of this, but at least to this; nil leaves them unrounded.
    public var roundTo: Int?
    /// How the blocks are spelled in ONNX.
    public var target: Target

    /// A reduction; the default is that of the command with a ratio: each image chooses between pairs of channels.
    ///
    /// - Parameter router: nil for pairs of channels, and else `auto`. Pairs are of channels: with them, other
    ///   units become channels.
    public init(
        _ units: Units = .channels(.all), router: RouterChoice? = nil, roundTo: Int? = nil,
        target: Target = .standard
    ) {
        let isOfChannels = units != .hidden && units != .any
        self.router = router ?? (isOfChannels ? .pairs : .auto)
        self.units = self.router == .pairs && !isOfChannels ? .channels(.all) : units
        self.roundTo = roundTo
        self.target = target
    }

    /// The ways in which a block may be reduced; if more than one, calibration decides between those that the
    /// target runs.
    public var ways: [ReductionWay] {
        let all = allWays
        return all.count == 1 ? all : all.filter { target.obstacle(to: $0) == nil }
    }

    /// The ways that units and router stand for, whatever the target.
    private var allWays: [ReductionWay] {
        switch (units, router) {
        case (.hidden, .topk): [.routedHidden]
        case (.hidden, .fixed): [.fixedHidden]
        case (.hidden, .auto): [.fixedHidden, .routedHidden]
        case (.channels, .topk): [.routedChannels]
        case (.channels, .fixed): [.fixedChannels]
        case (.channels, .auto): [.fixedChannels, .pairedChannels]
        case (.any, .topk): [.routedHidden]
        case (.any, .fixed): [.fixedHidden, .fixedChannels]
        case (.any, .auto): [.fixedHidden, .routedHidden, .fixedChannels, .pairedChannels]
        case (_, .pairs): [.pairedChannels]
        }
    }

    /// The reduction with TopK for pairs, or with a fixed choice, if the target runs none of its routers, and
    /// of hidden units if the target cannot pick channels.
    public var adaptedToTarget: BlockReduction {
        var adapted = self
        if !allWays.contains(where: { $0.isRouted && target.obstacle(to: $0) == nil }) {
            adapted.router = router == .pairs && target.obstacle(to: .routedChannels) == nil ? .topk : .fixed
        }
        if target.obstacle(to: .fixedChannels) != nil { adapted.units = .hidden }
        return adapted
    }

    /// The channels that a body on a part of the channels adds its result to.
    public var fusion: Fusion { if case .channels(let fusion) = units { fusion } else { .all } }
}

/// A way to reduce one block of a trained network: a calibrated form without its sizes.
public enum ReductionWay: Sendable, Hashable {
    /// Always the same hidden units.
    case fixedHidden
    /// A router picks hidden units for each sample.
    case routedHidden
    /// Always the same channels.
    case fixedChannels
    /// The channels of the highest scores.
    case routedChannels
    /// Some channels always, others the higher one of a pair.
    case pairedChannels

    /// Whether each sample chooses.
    public var isRouted: Bool {
        switch self {
        case .fixedHidden, .fixedChannels: false
        case .routedHidden, .routedChannels, .pairedChannels: true
        }
    }

    /// The way that does the same work without a choice.
    public var fixed: ReductionWay {
        switch self {
        case .fixedHidden, .routedHidden: .fixedHidden
        case .fixedChannels, .routedChannels, .pairedChannels: .fixedChannels
        }
    }
}
