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

    @Option(
        help:
            "The integers of weights: neighbours (up to 127, two neighbours up to 128, so that no runtime's sums overflow on processors without VNNI; the default), half (up to 63) or full (up to 127)."
    )
    var weightRange: WeightRange?

    /// The request for a quantisation.
    func request(
        _ images: CalibrationData, target: Target, maxDrop: Double?, seed: UInt64
    ) -> QuantizationRequest {
        QuantizationRequest(
            images: images, rounding: rounding ?? .gram, activations: target.activationIntegers,
            weightRange: weightRange ?? .neighbours, maxDrop: maxDrop, seed: seed)
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
        guard isAsked || (integers.rounding == nil && integers.weightRange == nil) else {
            throw ValidationError("--rounding and --weight-range are about integers: add --int8")
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
extension WeightRange: ExpressibleByArgument {}
