/// What a block becomes.
public enum BlockKind: String, Sendable, CaseIterable {
    /// The paper's block: routed input channels, a gate, no activation after the fusion. It needs training.
    case paper
    /// Per sample, the input channels with the largest pooled activation times weight norm enter a narrower
    /// body.
    case routedChannels = "routed channels"
    /// Always the same input channels enter a narrower body.
    case fixedChannels = "fixed channels"
    /// Per sample, a linear router picks the hidden units that are computed; their weights are gathered at run
    /// time. All inputs and outputs stay.
    case routedHidden = "routed hidden"
    /// Always the same hidden units are computed: a narrower block. All inputs and outputs stay.
    case fixedHidden = "fixed hidden"
    /// Per sample, a selector as the paper's picks the hidden units that count, and their activations are
    /// multiplied by its scores, so that it can be trained. All inputs and outputs stay.
    case gatedHidden = "gated hidden"
    /// The block is left out: its input passes.
    case dropped

    /// Whether samples of one batch may be treated differently.
    public var isRouted: Bool {
        switch self {
        case .paper, .routedChannels, .routedHidden, .gatedHidden: true
        case .fixedChannels, .fixedHidden, .dropped: false
        }
    }
}

/// How a trained network's blocks are reduced without training: `--recipe calibrated`.
public struct CalibratedForm: Sendable, Equatable {
    /// What is chosen.
    public enum Route: String, Sendable, CaseIterable {
        /// The block's input channels, as in the paper.
        case channels
        /// The units between the block's convolutions.
        case hidden
    }

    /// Who chooses.
    public enum Choice: String, Sendable, CaseIterable {
        /// The sample: input-dependent.
        case topk
        /// Nobody at run time: a fixed subset.
        case fixed
        /// For each block, whichever of the two errs less on calibration images that no fit has seen.
        case auto
    }

    /// Which channels a block's result is added to.
    public enum Fusion: String, Sendable, CaseIterable {
        case all
        /// The first k, the paper's fusion; for `Route.channels` only.
        case first = "first-k"
    }

    /// What happens to the weights of converted blocks and of those that follow them.
    public enum Weights: String, Sendable, CaseIterable {
        /// They stay the source's.
        case keep
        /// They are fitted anew, in closed form, to what the source computes.
        case refit
        /// Those of the converted blocks are fitted anew, all others stay the source's bit by bit.
        case refitConverted = "refit-converted"
    }

    /// What is chosen.
    public var route: Route
    /// Who chooses.
    public var choice: Choice
    /// Which channels results are added to.
    public var fusion: Fusion
    /// What happens to weights.
    public var weights: Weights
    /// Blocks are left out altogether, whatever the route: the baseline.
    public var drop: Bool

    /// A form; by default hidden units, each block's way by its error, with weights fitted anew.
    public init(
        route: Route = .hidden, choice: Choice = .auto, fusion: Fusion = .all, weights: Weights = .refit,
        drop: Bool = false
    ) {
        self.route = route
        self.choice = choice
        self.fusion = fusion
        self.weights = weights
        self.drop = drop
    }

    /// The kinds that a block may become; more than one leaves the decision to calibration.
    public var kinds: [BlockKind] {
        if drop { return [.dropped] }
        let (routed, fixed): (BlockKind, BlockKind) =
            route == .hidden ? (.routedHidden, .fixedHidden) : (.routedChannels, .fixedChannels)
        switch choice {
        case .topk: return [routed]
        case .fixed: return [fixed]
        case .auto: return [fixed, routed]
        }
    }
}
