import Passes

/// How blocks are made that are to be trained: the paper's block, and the networks that it has to beat.
public struct PaperRecipe: Sendable, Equatable {
    /// What a selector chooses.
    public enum Route: Sendable, Equatable {
        /// The channels of the block's input, as in the paper.
        case channels
        /// The units between the block's convolutions. Its hidden layers get `multiple` times the replaced block's
        /// filters, of which the ratio is computed.
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
    /// Rounds counts down to a multiple of this, at least that multiple; nil leaves them as they come.
    public var roundTo: Int?
    /// What is chosen.
    public var route: Route
    /// Who chooses.
    public var router: Router
    /// How the new bodies get their weights.
    public var weights: WeightsPolicy
    /// What happens to the source's BatchNormalization first.
    public var batchNormalization: BatchNormalizationPolicy
    /// How the blocks are spelled in ONNX.
    public var emission: Emission
    /// r: a selector's hidden layer has C / r units.
    public var selectorReduction: Int

    /// The paper's block with sliced weights, unless more is said.
    public init(
        ratio: ModRatio, roundTo: Int? = nil, route: Route = .channels, router: Router = .topk,
        weights: WeightsPolicy = .slice, batchNormalization: BatchNormalizationPolicy = .keep,
        emission: Emission = .standard, selectorReduction: Int = 16
    ) {
        self.ratio = ratio
        self.roundTo = roundTo
        self.route = route
        self.router = router
        self.weights = weights
        self.batchNormalization = batchNormalization
        self.emission = emission
        self.selectorReduction = selectorReduction
    }
}

/// Who chooses in a block that is to be trained.
public enum Router: String, Sendable, CaseIterable {
    /// The paper's selector: for each sample, what has the highest scores.
    case topk
    /// Nobody: always the first channels, or the most important units. The baseline that every router has to beat.
    case fixed
}

/// How the body of a block that is to be trained gets its weights.
public enum WeightsPolicy: String, Sendable, CaseIterable {
    /// Sliced from the source's body by importance.
    case slice
    /// Drawn anew (He), as for a network that is trained from scratch.
    case he
    /// As `he`, and the body's last normalisation, or its last convolution where there is none, starts at zero:
    /// the new block passes its input, and a trained network around it goes on computing what it did.
    case zero
}

/// How a block is spelled in ONNX; all spellings compute the same.
public enum Emission: String, Sendable, CaseIterable {
    /// Operator by operator as the paper defines the block.
    case literal
    /// As runtimes with blocked layouts run it fastest; see docs/emission.md.
    case fast
    /// As onnx2torch reads it, PyTorch trains it, and both of PyTorch's exporters write it; see docs/training.md.
    case train

    /// The spelling where none is asked for.
    public static let standard = Emission.literal

    /// The spelling where none is asked for: the one for training where BatchNormalization is made separate for that.
    public static func usual(_ batchNormalization: BatchNormalizationPolicy) -> Emission {
        batchNormalization == .separate ? .train : .standard
    }
}
