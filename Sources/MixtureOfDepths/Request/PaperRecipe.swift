import Passes

/// The recipe of blocks to be trained: the paper's block, and the networks that it has to beat.
public struct PaperRecipe: Sendable, Equatable {
    /// The things that a selector chooses.
    public enum Route: Sendable, Equatable {
        /// The channels of the block's input, as in the paper.
        case channels
        /// The units between the block's convolutions. Its hidden layers get `multiple` times the replaced
        /// block's filters, and the ratio of these is computed.
        case hidden(multiple: Int)

        /// The filters of the hidden layers, as a multiple of the replaced block's.
        public var multiple: Int {
            switch self {
            case .channels: 1
            case .hidden(let multiple): multiple
            }
        }
    }

    /// The share of the channels, or of the hidden units, that a block processes.
    public var ratio: ModRatio
    /// Rounds counts down to a multiple of this, but at least to this; nil leaves them unrounded.
    public var roundTo: Int?
    /// The things that are chosen.
    public var route: Route
    /// Who chooses.
    public var router: Router
    /// How the new bodies get their weights.
    public var weights: WeightsPolicy
    /// The treatment of the source's BatchNormalization before planning.
    public var batchNormalization: BatchNormalizationPolicy
    /// The toolchain that the file is for, which decides how blocks are spelled in ONNX.
    public var target: Target
    /// r: a selector's hidden layer has C / r units.
    public var selectorReduction: Int

    /// A recipe; the default is the paper's block with sliced weights.
    public init(
        ratio: ModRatio, roundTo: Int? = nil, route: Route = .channels, router: Router = .topk,
        weights: WeightsPolicy = .slice, batchNormalization: BatchNormalizationPolicy = .keep,
        target: Target = .standard, selectorReduction: Int = 16
    ) {
        self.ratio = ratio
        self.roundTo = roundTo
        self.route = route
        self.router = router
        self.weights = weights
        self.batchNormalization = batchNormalization
        self.target = target
        self.selectorReduction = selectorReduction
    }
}

/// Who chooses in a block to be trained.
public enum Router: String, Sendable, CaseIterable {
    /// The paper's selector, which picks the highest scores for each sample.
    case topk
    /// Nobody: always the first channels, or the most important units. It is the baseline that every router
    /// has to beat.
    case fixed
}

/// How the body of a block to be trained gets its weights.
public enum WeightsPolicy: String, Sendable, CaseIterable {
    /// Sliced from the source's body by importance.
    case slice
    /// Drawn anew (He), as for training from scratch.
    case he
    /// Like `he`, but the body's last normalisation, or its last convolution if it has none, starts at zero:
    /// the new block passes its input, and a trained network around it computes the same as before.
    case zero
}
