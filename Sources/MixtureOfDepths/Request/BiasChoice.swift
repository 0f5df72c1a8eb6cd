/// Whether converted blocks get a bias for each sample (`DynamicBias`).
public enum BiasChoice: Sendable, Equatable {
    /// None.
    case none
    /// A bias through so many features of a sample.
    case rank(Int)
    /// A bias through at most `usualRank` features, if the network is closer to its source with it, on calibration images
    /// that no fit has seen.
    case auto

    /// The features of `auto`.
    public static let usualRank = 32
    /// The most features that can be asked for.
    public static let largestRank = 1024

    /// The features of a sample, as far as its channels go; nil for no bias.
    public var rank: Int? {
        switch self {
        case .none: nil
        case .rank(let rank): rank
        case .auto: BiasChoice.usualRank
        }
    }

    /// The choice as `--dynamic-bias` takes it.
    public var text: String {
        switch self {
        case .none: "none"
        case .rank(let rank): "\(rank)"
        case .auto: "auto"
        }
    }

    /// A choice as a user writes it: `none`, `auto`, or a number of features; nil for any other text.
    public init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "auto": self = .auto
        default:
            guard let rank = Int(text), (1...BiasChoice.largestRank).contains(rank) else { return nil }
            self = .rank(rank)
        }
    }
}

extension CalibratedRecipe {
    /// Whether the recipe fits anything that a bias could be added to.
    public var takesBias: Bool { reduction != nil && weights != .keep }

    /// The bias if the user asks for none in particular: decided where at most a quarter of each block is left, and with
    /// generated images, which leave more to repair, below a half. At milder ratios it makes no difference, nor beside
    /// tuning (docs/accuracy.md).
    public var usualBias: BiasChoice {
        guard takesBias, weights != .tune else { return .none }
        return goal.isHarsh || images.isSynthetic && !goal.isMild ? .auto : .none
    }
}
