import ArgumentParser
import GraphIR
import MixtureOfDepths
import TensorFiles

/// How images become a model's input.
struct ImageOptions: ParsableArguments {
    @Option(
        help:
            "Of images: imagenet (0...1, less the mean of ImageNet, over its deviation; torchvision), caffe (BGR, less the mean; Keras's ResNet v1) or none (0...255)."
    )
    var preprocess = NormalizationPreset.imagenet

    @Option(help: ArgumentHelp("Instead of the preset's: subtracted from pixel * scale.", valueName: "m,m,m"))
    var mean: FigureList?

    @Option(help: ArgumentHelp("Instead of the preset's: divides the difference.", valueName: "s,s,s"))
    var std: FigureList?

    @Option(help: ArgumentHelp("Instead of the preset's: multiplies pixels, as 1/255.", valueName: "f"))
    var scale: Figure?

    @Option(
        help: ArgumentHelp(
            "Height and width of an image (default: the model's, else 224).", valueName: "HxW"))
    var size: ImageSize?

    @Option(
        help: ArgumentHelp(
            "The shorter side before the middle is cut out (default: 256/224 of the longer side of --size).",
            valueName: "n"))
    var resize: Int?

    @Option(help: "The order of a batch's axes (default: the one in which the model has 3 or 1 channels).")
    var layout: ImagePreprocessing.Layout?

    /// Whether nothing is said of the normalisation.
    var isPlainPreset: Bool { preprocess == .imagenet && mean == nil && std == nil && scale == nil }

    /// What was said, as a manifest keeps it; nil if nothing was.
    var record: CalibrationRecord.Preprocessing? {
        let record = CalibrationRecord.Preprocessing(
            preset: preprocess == .imagenet ? nil : preprocess.rawValue, mean: mean?.values,
            deviation: std?.values, scale: scale?.value,
            size: size.map { [$0.value.height, $0.value.width] }, shortSide: resize,
            layout: layout?.rawValue)
        return record.isEmpty ? nil : record
    }

    /// The preprocessing for a model's input.
    ///
    /// - Throws: `TensorFileError.preprocessing` if that input does not take such images.
    func preprocessing(for value: Value) throws -> ImagePreprocessing {
        var normalization = preprocess.normalization
        if let mean { normalization.mean = mean.values }
        if let std { normalization.deviation = std.values }
        if let scale { normalization.scale = scale.value }
        let options = ImagePreprocessing.Options(
            normalization: normalization, size: size?.value, shortSide: resize, layout: layout)
        return try ImagePreprocessing(
            for: value.tensorType ?? TensorType(.float32, nil as Shape?), options: options)
    }
}

/// The normalisations that have a name.
enum NormalizationPreset: String, ExpressibleByArgument, CaseIterable {
    case imagenet, caffe, none

    var normalization: PixelNormalization {
        switch self {
        case .imagenet: .imagenet
        case .caffe: .caffe
        case .none: .none
        }
    }
}

extension ImagePreprocessing.Layout: ExpressibleByArgument {}
