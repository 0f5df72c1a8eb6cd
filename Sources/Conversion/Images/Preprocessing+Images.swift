import GraphIR
import MixtureOfDepths
import TensorFiles

extension CalibrationData.Preprocessing {
    /// The preprocessing for a model's input: ImageNet's, with these differences.
    ///
    /// - Throws: `TensorFileError` if that input does not accept such images, or a name is unknown.
    public func images(for value: Value) throws -> ImagePreprocessing {
        var normalization = PixelNormalization.imagenet
        if let preset {
            guard let named = NormalizationPreset(rawValue: preset) else {
                throw TensorFileError(.preprocessing, "there is no normalisation named \"\(preset)\"")
            }
            normalization = named.normalization
        }
        if let mean { normalization.mean = mean }
        if let deviation { normalization.deviation = deviation }
        if let scale { normalization.scale = scale }
        let size = size.flatMap { extents in
            extents.count == 2 ? ImagePreprocessing.Size(height: extents[0], width: extents[1]) : nil
        }
        let options = ImagePreprocessing.Options(
            normalization: normalization, size: size, shortSide: shortSide,
            layout: layout.flatMap(ImagePreprocessing.Layout.init(rawValue:)))
        return try ImagePreprocessing(
            for: value.tensorType ?? TensorType(.float32, nil as Shape?), options: options)
    }

    /// Whether no option sets the normalisation.
    var isPlainPreset: Bool { preset == nil && mean == nil && deviation == nil && scale == nil }
}

/// The named normalisations.
public enum NormalizationPreset: String, Sendable, CaseIterable {
    /// 0...1, minus the mean of ImageNet, over its deviation: torchvision's.
    case imagenet
    /// BGR, minus the mean of ImageNet: Keras's ResNet v1.
    case caffe
    /// 0...255.
    case none

    var normalization: PixelNormalization {
        switch self {
        case .imagenet: .imagenet
        case .caffe: .caffe
        case .none: .none
        }
    }
}
