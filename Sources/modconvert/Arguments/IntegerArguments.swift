import ArgumentParser
import Conversion
import MixtureOfDepths
import Quantization

/// How numbers become integers.
struct IntegerArguments: ParsableArguments {
    @Option(
        help:
            "How weights become integers: gram (each with a view to the errors of the others, on images; the default) or nearest."
    )
    var rounding: WeightRounding?

    @Flag(
        help:
            "Weights in 7 bits, for processors without VNNI, on which onnxruntime and OpenVINO let sums of two products overflow."
    )
    var reduceRange = false

    /// The request for a quantisation.
    func request(
        _ images: CalibrationData, target: Target, maxDrop: Double?, seed: UInt64
    ) -> QuantizationRequest {
        QuantizationRequest(
            images: images, rounding: rounding ?? .gram, activations: target.activationIntegers,
            reducesRange: reduceRange, maxDrop: maxDrop, seed: seed)
    }
}

extension WeightRounding: ExpressibleByArgument {}
