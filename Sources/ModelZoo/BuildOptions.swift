import MixtureOfDepths

/// How an architecture is built.
public struct BuildOptions: Sendable, Equatable {
    /// Whether BatchNormalizations are nodes of their own or folded into the convolutions before them.
    public enum BatchNormalization: String, Sendable, CaseIterable { case folded, separate }

    /// The batch extent of the input: a number, or a symbol such as `N`.
    public enum Batch: Sendable, Equatable {
        case fixed(Int)
        case symbol(String)
    }

    /// The units of the last layer.
    public var classes: Int
    /// The batch extent of input and output.
    public var batch: Batch
    /// The input's channels, height and width.
    public var input: [Int]
    /// The channels of the first convolution, which all others follow: stage s of a bottleneck network is
    /// 4 * width * 2^s wide. Nil for the architecture's own.
    public var width: Int?
    /// How BatchNormalization is written.
    public var batchNormalization: BatchNormalization
    /// The share of the channels, or of the hidden units, that the MoD blocks process; nil for the one that the
    /// paper uses with the architecture.
    public var ratio: ModRatio?
    /// Who chooses them.
    public var router = Router.topk
    /// What is chosen.
    public var route = CalibratedForm.Route.channels
    /// With `route` hidden: the filters of each hidden layer, as a multiple of the standard block's.
    public var hiddenMultiple = 1
    /// How the weights of the MoD blocks start.
    public var weights = WeightsPolicy.he
    /// How the MoD blocks are spelled.
    public var emission: Emission
    /// Of all weights.
    public var seed: UInt64

    /// Options with the paper's values where none are given.
    public init(
        classes: Int = 1000, batch: Batch = .fixed(1), input: [Int] = [3, 224, 224], width: Int? = nil,
        batchNormalization: BatchNormalization = .separate, ratio: ModRatio? = nil,
        emission: Emission = .standard, seed: UInt64 = 0
    ) {
        self.classes = classes
        self.batch = batch
        self.input = input
        self.width = width
        self.batchNormalization = batchNormalization
        self.ratio = ratio
        self.emission = emission
        self.seed = seed
    }
}
