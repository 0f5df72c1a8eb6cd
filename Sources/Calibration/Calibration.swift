import GraphIR
import MixtureOfDepths

/// What a calibration decided and computed.
public struct Calibration: Sendable {
    /// What became of one block.
    public struct Outcome: Sendable {
        /// The scope that the block's names share.
        public let scope: String
        /// The kind that was taken.
        public let kind: BlockKind
        /// ||y - y_source||^2 / ||y_source||^2 after the block, on images that no fit saw, for each kind that was
        /// tried.
        public let errors: [(kind: BlockKind, error: Double)]
    }

    /// The plan with the kinds that were chosen.
    public let plan: MoDPlan
    /// The parameters of the plan's blocks, and of those that follow them.
    public let weights: CalibratedWeights
    /// Of the converted blocks, in order.
    public let outcomes: [Outcome]
    /// How the converted network's first output compares with the source's.
    public let comparison: Comparison

    /// Outputs of the converted network next to those of the source; where they cannot be run, of the last block.
    public struct Comparison: Sendable {
        /// Whether outputs of the network are compared, and not those of a block before a head that cannot be run.
        public let isOfOutput: Bool
        /// The number of images that were compared.
        public let samples: Int
        /// Whether no fit saw these images; with too few images there are no others.
        public let isHeldOut: Bool
        /// The share of samples with the same largest score.
        public let agreement: Double
        /// The mean cosine of the angle between the two outputs.
        public let cosine: Double
        /// ||scores - source's||^2 / ||source's||^2 over all samples.
        public let error: Double
    }
}

/// How far a calibration is.
public struct CalibrationProgress: Sendable {
    /// What is being worked on.
    public let step: String
    /// The share of all work that is done, by its multiply-accumulates.
    public let share: Double
}
