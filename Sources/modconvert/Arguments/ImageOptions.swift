import ArgumentParser
import Conversion
import GraphIR
import MixtureOfDepths
import TensorFiles

/// How images are turned into a model's input.
struct ImageOptions: ParsableArguments {
    @Option(
        help:
            "The pixels' scale: imagenet (torchvision's; the default), caffe (BGR less the mean; Keras's ResNet v1) or none (0...255)."
    )
    var preprocess: NormalizationPreset?

    @Option(
        help: ArgumentHelp(
            "Instead of the preset's: subtracted from pixel * scale.", valueName: "m,m,m", visibility: .hidden
        ))
    var mean: FigureList?

    @Option(
        help: ArgumentHelp(
            "Instead of the preset's: divides the difference.", valueName: "s,s,s", visibility: .hidden))
    var std: FigureList?

    @Option(
        help: ArgumentHelp(
            "Instead of the preset's: multiplies pixels, as 1/255.", valueName: "f", visibility: .hidden))
    var scale: Figure?

    @Option(
        help: ArgumentHelp(
            "Height and width of an image (default: the model's, else 224).", valueName: "HxW",
            visibility: .hidden))
    var size: ImageSize?

    @Option(
        help: ArgumentHelp(
            "The shorter side before the middle is cut out (default: 256/224 of the longer side of --size).",
            valueName: "n", visibility: .hidden))
    var resize: Int?

    @Option(
        help: ArgumentHelp(
            "The order of a batch's axes (default: the one in which the model has 3 or 1 channels).",
            visibility: .hidden))
    var layout: ImagePreprocessing.Layout?

    /// The differences from the usual preprocessing.
    var record: CalibrationData.Preprocessing {
        CalibrationData.Preprocessing(
            preset: preprocess.flatMap { $0 == .imagenet ? nil : $0.rawValue }, mean: mean?.values,
            deviation: std?.values, scale: scale?.value,
            size: size.map { [$0.value.height, $0.value.width] }, shortSide: resize,
            layout: layout?.rawValue)
    }

    /// The preprocessing for a model's input.
    ///
    /// - Throws: `TensorFileError.preprocessing` if that input does not accept such images.
    func preprocessing(for value: Value) throws -> ImagePreprocessing { try record.images(for: value) }

    /// The options in the form that a conversion takes.
    struct Given {
        private let record: CalibrationData.Preprocessing
        private let pixels: [GivenOption<Bool>]
        private let geometry: [GivenOption<Bool>]

        fileprivate init(_ options: ImageOptions, _ all: GivenOptions) {
            record = options.record
            pixels = [
                all.flag("--preprocess", options.preprocess != nil), all.flag("--mean", options.mean != nil),
                all.flag("--std", options.std != nil), all.flag("--scale", options.scale != nil),
            ]
            geometry = [
                all.flag("--size", options.size != nil), all.flag("--resize", options.resize != nil),
                all.flag("--layout", options.layout != nil),
            ]
        }

        /// The differences from the usual preprocessing; nil if there are none. Generated images always have
        /// the model's size and layout.
        func take(isSynthetic: Bool) -> CalibrationData.Preprocessing? {
            for option in pixels + (isSynthetic ? [] : geometry) { _ = option.take() }
            return record.isEmpty ? nil : record
        }
    }

    /// Registers the options.
    func given(in all: GivenOptions) -> Given { Given(self, all) }
}

extension NormalizationPreset: ExpressibleByArgument {}
extension ImagePreprocessing.Layout: ExpressibleByArgument {}
