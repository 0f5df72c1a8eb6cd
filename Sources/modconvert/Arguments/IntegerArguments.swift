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

/// Whether a conversion ends in integers.
struct Int8Arguments: ParsableArguments {
    @Flag(
        name: .customLong("int8"),
        help: "Quantise the result to 8-bit integers too, on the same images (`modconvert quantize`).")
    var isAsked = false

    @OptionGroup var integers: IntegerArguments

    func validate() throws {
        guard isAsked || (integers.rounding == nil && !integers.reduceRange) else {
            throw ValidationError("--rounding and --reduce-range are about integers: add --int8")
        }
    }

    /// Refuses blocks that are to be trained.
    func check(_ recipe: Recipe) throws {
        guard isAsked else { return }
        guard case .calibrated = recipe else {
            throw UsageError(
                "--int8", "means nothing to the \(recipe.name) recipe, whose blocks are to be trained",
                remedy: "train the float file, then run `modconvert quantize` on it")
        }
    }
}

extension WeightRounding: ExpressibleByArgument {}
