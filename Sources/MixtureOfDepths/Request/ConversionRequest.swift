import Passes

/// Everything that the user asks of a conversion. The manifest stores it; with the source's bytes it
/// determines the result.
public struct ConversionRequest: Sendable, Equatable {
    /// How blocks and weights are made.
    public var recipe: Recipe
    /// The seed of everything that is drawn: selectors, weights, samples.
    public var seed: UInt64
    /// The shapes given to the source's inputs before anything else happens.
    public var inputShapes: [InputShape]
    /// The batch given to the source's inputs after that; nil leaves them as they are.
    public var batch: BatchExtent?

    /// A request; the seed defaults to 0.
    public init(
        _ recipe: Recipe, seed: UInt64 = 0, inputShapes: [InputShape] = [], batch: BatchExtent? = nil
    ) {
        self.recipe = recipe
        self.seed = seed
        self.inputShapes = inputShapes
        self.batch = batch
    }
}

/// How the blocks of a network and their weights are made.
public enum Recipe: Sendable, Equatable {
    /// Blocks to be trained.
    case paper(PaperRecipe, on: BlockSelection)
    /// Stages grow to `depths` blocks. The new blocks pass their input until they are trained; those at the
    /// paper's positions are MoD blocks.
    case deepened(PaperRecipe, depths: [Int])
    /// Blocks that keep a trained network's predictions, with weights fitted to images.
    case calibrated(CalibratedRecipe, on: BlockSelection)
}

extension Recipe {
    /// The recipe's name, as `--recipe` takes it.
    public var name: String {
        switch self {
        case .paper, .deepened: "paper"
        case .calibrated: "calibrated"
        }
    }

    /// The ratio or the budget, as file names and the manifest show it.
    public var goal: String {
        switch self {
        case .paper(let paper, _), .deepened(let paper, _): paper.ratio.description
        case .calibrated(let calibrated, _):
            switch calibrated.goal {
            case .share(let ratio, _): ratio.description
            case .budget(let budget, _), .droppedFor(let budget): budget.text
            case .dropped: "dropped"
            }
        }
    }

    /// The ratio; nil for a budget, and where blocks are dropped.
    public var ratio: ModRatio? {
        switch self {
        case .paper(let paper, _), .deepened(let paper, _): paper.ratio
        case .calibrated(let calibrated, _):
            if case .share(let ratio, _) = calibrated.goal { ratio } else { nil }
        }
    }

    /// Which blocks are converted, as `--blocks` takes it.
    public var placement: String {
        switch self {
        case .paper(_, let blocks), .calibrated(_, let blocks): blocks.text
        case .deepened: Recipe.appended
        }
    }

    /// The name of a deepened network's placement.
    public static let appended = "appended"

    /// Whether every block stays as it is.
    public var isIdentity: Bool {
        switch self {
        case .paper(let paper, _), .deepened(let paper, _): paper.ratio.isIdentity
        case .calibrated(let calibrated, _):
            if case .share(let ratio, _) = calibrated.goal { ratio.isIdentity } else { false }
        }
    }

    /// The treatment of BatchNormalization before planning.
    public var batchNormalization: BatchNormalizationPolicy {
        switch self {
        case .paper(let paper, _), .deepened(let paper, _): paper.batchNormalization
        case .calibrated: .folded
        }
    }

    /// The toolchain that the file is for.
    public var target: Target {
        switch self {
        case .paper(let paper, _), .deepened(let paper, _): paper.target
        case .calibrated(let calibrated, _): calibrated.reduction?.target ?? .standard
        }
    }
}

extension Recipe {
    /// Who chooses, as `--router` takes it; `none` where blocks are dropped.
    public var router: String {
        switch self {
        case .paper(let paper, _), .deepened(let paper, _): paper.router.rawValue
        case .calibrated(let calibrated, _): calibrated.reduction?.router.rawValue ?? "none"
        }
    }
}
