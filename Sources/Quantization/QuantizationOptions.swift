import MixtureOfDepths
import Runtime

/// The settings of a quantisation.
public struct QuantizationOptions: Sendable {
    /// The integers that activations become.
    public var activations: ActivationIntegers
    /// How weights become integers.
    public var rounding: WeightRounding
    /// The integers that weights may become.
    public var weightRange: WeightRange
    /// The number of images.
    public var samples: Int
    /// The seed of the sampled positions.
    public var seed: UInt64
    /// The number of threads that share the work; it does not affect results.
    public var threads: Int
    /// The limits of running parts of the network.
    public var limits: RunLimits
    /// The approximate number of rows of each least-squares problem: positions of maps, over all samples.
    public var rows: Int
    /// The ridge of the fits, relative to the mean variance of the features.
    public var ridge: Double

    /// Options with the values that docs/int8.md measures.
    public init(
        activations: ActivationIntegers = .unsigned, rounding: WeightRounding = .gram,
        weightRange: WeightRange = .neighbours,
        samples: Int = 256, seed: UInt64 = 0, threads: Int, limits: RunLimits = RunLimits(),
        rows: Int = 40_000,
        ridge: Double = 0.01
    ) {
        self.activations = activations
        self.rounding = rounding
        self.weightRange = weightRange
        self.samples = samples
        self.seed = seed
        self.threads = threads
        self.limits = limits
        self.rows = rows
        self.ridge = ridge
    }
}

/// The integers that activations become.
public enum ActivationIntegers: String, Sendable, CaseIterable {
    /// uint8, with a zero point: what onnxruntime and OpenVINO run fastest on x86.
    case unsigned
    /// int8, zero point 0: what TensorRT takes.
    case symmetric
}

/// How weights become integers.
public enum WeightRounding: String, Sendable, CaseIterable {
    /// Each weight to the nearest step, the largest of a channel to the largest integer; biases stay.
    case nearest
    /// Each weight with a view to the errors of those before it (GPTQ, Frantar et al. 2022), on images; biases are
    /// fitted.
    case gram
}

extension Target {
    /// The integers that the toolchain runs activations in.
    public var activationIntegers: ActivationIntegers { self == .tensorrt ? .symmetric : .unsigned }
}
