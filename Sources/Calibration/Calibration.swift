import GraphIR
import MixtureOfDepths

/// The result of a calibration: decisions and weights.
public struct Calibration: Sendable {
    /// The outcome for one block.
    public struct Outcome: Sendable {
        /// The scope that the block's names share.
        public let scope: String
        /// The form that was taken.
        public let form: CalibratedForm
        /// ||y - y_source||^2 / ||y_source||^2 after the block, for each form that was tried, on images that
        /// no fit saw.
        public let errors: [(form: CalibratedForm, error: Double)]
        /// The block's change by tuning.
        public var tuning = Tuning.none

        /// A block's change by tuning.
        public enum Tuning: Sendable, Equatable {
            /// It was not asked for, or found nothing better.
            case none
            /// The error after the block, relative as in `errors`, before and after.
            case tuned(from: Double, to: Double)
            /// The node, or the value, as diagnostics name it, has no gradient.
            case impossible(String)
        }
    }

    /// The plan with the forms that were chosen.
    public let plan: MoDPlan
    /// The parameters of the plan's blocks, and of the blocks after them.
    public let weights: CalibratedWeights
    /// One for each converted block, in order; for several uses of the same weights, one.
    public let outcomes: [Outcome]
    /// How the converted network's output compares with the source's.
    public let comparison: Comparison
    /// The memory that the activations of all images took.
    public let activations: Activations

    /// The activations of all images, of both networks, that calibration held at once.
    public struct Activations: Sendable {
        public let images: Int
        /// Bytes, where they were most.
        public let bytes: Int
        /// Whether they lay in temporary files, since memory was not allowed to hold them.
        public let areInFiles: Bool
    }

    /// The other network that was fitted: without a choice if this one chooses, and the other way round. Nil
    /// if none was.
    public internal(set) var alternative: Alternative?

    /// A network of the same work that was fitted and not taken.
    public struct Alternative: Sendable {
        /// Whether its blocks choose for each sample.
        public let isRouted: Bool
        /// How its output compares with the source's.
        public let comparison: Comparison
    }

    /// The networks with and without a bias for each sample, where calibration decided; nil elsewhere.
    public internal(set) var bias: BiasComparison?

    /// A network whose blocks have a bias for each sample, next to the same one without.
    public struct BiasComparison: Sendable {
        /// Whether the bias was taken.
        public let isTaken: Bool
        /// How the outputs compare with the source's with it, and without.
        public let with: Comparison
        public let without: Comparison
    }

    /// An output of the converted network next to the source's; of the last block, where calibration cannot follow the
    /// blocks to an output.
    public struct Comparison: Sendable {
        /// Whether an output of the network is compared, and not a block's.
        public let isOfOutput: Bool
        /// The meaning of the output for each image.
        public let kind: OutputKind
        /// The number of images compared.
        public let samples: Int
        /// Whether no fit saw these images. With too few images the fitted ones are compared.
        public let isHeldOut: Bool
        /// The share of samples with the same largest score; of maps, the share of pixels.
        public let agreement: Double
        /// The mean cosine of the angle between the two outputs.
        public let cosine: Double
        /// ||scores - source's||^2 / ||source's||^2 over all samples.
        public let error: Double
        /// How far the output is from the source's: what alternatives are judged by. The mean Kullback-Leibler divergence
        /// of the classes' probabilities, in nats; of values that are no scores of classes, 1 minus the mean cosine.
        public let divergence: Double

        /// The agreement with its interval; nil unless the output holds one score a class for each image.
        public var proportion: Proportion? {
            guard isOfOutput, kind == .classes else { return nil }
            return Proportion(hits: Int((agreement * Double(samples)).rounded()), samples: samples)
        }
    }
}

/// The progress of a calibration.
public struct CalibrationProgress: Sendable {
    /// The current step.
    public let step: String
    /// The share of all work that is done, measured in multiply-accumulates.
    public let share: Double

    /// A step, and the share of all work that is done before it ends.
    public init(step: String, share: Double) {
        self.step = step
        self.share = share
    }
}
