import MixtureOfDepths
import Passes
import Quantization

/// The request for a quantisation.
public struct QuantizationRequest: Sendable, Equatable {
    /// The images that ranges and weights are fitted to.
    public var images: CalibrationData
    /// How weights become integers.
    public var rounding: WeightRounding
    /// The integers that activations become.
    public var activations: ActivationIntegers
    /// The integers that weights may become.
    public var weightRange: WeightRange
    /// The share of images, at most, for which the result may predict another class than the float network; nil for no
    /// bound. Layers stay in float for it.
    public var maxDrop: Double?
    /// The shapes that the source's inputs are fixed to before anything else.
    public var inputShapes: [InputShape]
    /// The seed of everything that is drawn.
    public var seed: UInt64

    /// A request; the default is what most runtimes run fastest.
    public init(
        images: CalibrationData = CalibrationData(), rounding: WeightRounding = .gram,
        activations: ActivationIntegers = .unsigned, weightRange: WeightRange = .neighbours,
        maxDrop: Double? = nil,
        inputShapes: [InputShape] = [], seed: UInt64 = 0
    ) {
        self.images = images
        self.rounding = rounding
        self.activations = activations
        self.weightRange = weightRange
        self.maxDrop = maxDrop
        self.inputShapes = inputShapes
        self.seed = seed
    }
}
