import MixtureOfDepths

/// The settings with which an architecture is built.
public struct BuildOptions: Sendable, Equatable {
    /// Whether BatchNormalizations are separate nodes or folded into the convolutions before them.
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
    /// The channels of the first convolution, from which those of all others follow: stage s of a bottleneck
    /// network is 4 * width * 2^s wide. Nil for the architecture's own.
    public var width: Int?
    /// How BatchNormalization is written.
    public var batchNormalization: BatchNormalization
    /// The recipe of a MoD network's blocks; nil for the paper's block with the paper's ratio for the
    /// architecture, and fresh weights.
    public var blocks: PaperRecipe?
    /// The seed of all weights.
    public var seed: UInt64

    /// Options; the defaults are the paper's values.
    public init(
        classes: Int = 1000, batch: Batch = .fixed(1), input: [Int] = [3, 224, 224], width: Int? = nil,
        batchNormalization: BatchNormalization = .separate, blocks: PaperRecipe? = nil, seed: UInt64 = 0
    ) {
        self.classes = classes
        self.batch = batch
        self.input = input
        self.width = width
        self.batchNormalization = batchNormalization
        self.blocks = blocks
        self.seed = seed
    }
}
