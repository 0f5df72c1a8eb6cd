import GraphIR

/// Turns images into a model's input: scales, crops, normalises and arranges them.
///
/// The shorter side is scaled to `shortSide`, the middle of `width` x `height` is cut out, and each value is
/// normalised, as torchvision's `Resize`, `CenterCrop`, `ToTensor`, `Normalize` do. The model's input sets
/// everything else: size, layout, channels and element type.
public struct ImagePreprocessing: Sendable, Equatable {
    /// The order of a batch's axes.
    public enum Layout: String, Sendable, CaseIterable {
        /// Batch, channels, height, width: PyTorch, MXNet, Caffe2.
        case nchw
        /// Batch, height, width, channels: Keras.
        case nhwc
    }

    /// The extents of an image in pixels.
    public struct Size: Sendable, Equatable {
        /// Rows.
        public var height: Int
        /// Columns.
        public var width: Int

        /// A size in pixels.
        public init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    /// The user's choices; nil leaves a choice to the model's input.
    public struct Options: Sendable, Equatable {
        /// How pixel values are normalised.
        public var normalization: PixelNormalization
        /// The size of the model's input.
        public var size: Size?
        /// The shorter side before the crop.
        public var shortSide: Int?
        /// The order of a batch's axes; nil for the one in which the model has 3 or 1 channels.
        public var layout: Layout?

        /// Options with ImageNet's normalisation; everything else follows from the model.
        public init(
            normalization: PixelNormalization = .imagenet, size: Size? = nil, shortSide: Int? = nil,
            layout: Layout? = nil
        ) {
            self.normalization = normalization
            self.size = size
            self.shortSide = shortSide
            self.layout = layout
        }
    }

    /// The order of a batch's axes.
    public let layout: Layout
    /// 3, or 1 for a model that takes grey images.
    public let channels: Int
    /// Rows of the model's input.
    public let height: Int
    /// Columns of the model's input.
    public let width: Int
    /// The length to which the shorter side of an image is scaled before its middle is cut out.
    public let shortSide: Int
    /// How pixel values are normalised.
    public let normalization: PixelNormalization
    /// The element type of the model's input.
    public let elementType: ElementType

    /// The side of an image if neither the user nor the model sets it.
    public static let defaultSide = 224
    /// An image is scaled to 256 if 224 are cut out, and in proportion otherwise.
    private static let margin = (scaled: 256, cropped: 224)

    /// The preprocessing for a model's input.
    ///
    /// The channels axis is the one with extent 3 or 1; the second axis is tried before the last. Without
    /// `size`, the input's own size counts, or 224 if the model accepts any. Without `shortSide`, it is
    /// 256/224 of the crop's longer side.
    ///
    /// - Parameter input: the input's declared type, of rank 4.
    /// - Throws: `TensorFileError.preprocessing` if the input does not accept images, or not of this kind.
    public init(for input: TensorType, options: Options = Options()) throws(TensorFileError) {
        guard let shape = input.shape, shape.rank == 4 else {
            throw TensorFileError(.preprocessing, "the input \(input) does not take images")
        }
        let layout = options.layout ?? ImagePreprocessing.layout(of: shape)
        let axes = layout == .nchw ? (1, 2, 3) : (3, 1, 2)
        let channels = shape[axes.0].value ?? 3
        guard channels == 1 || channels == 3 else {
            throw TensorFileError(
                .preprocessing, "the input \(input) has \(channels) channels, images have 3 or 1",
                remedy: "choose the other --layout, or give the input as a .npy, .npz or .pb file")
        }
        let declared = (shape[axes.1].value, shape[axes.2].value)
        height = options.size?.height ?? declared.0 ?? ImagePreprocessing.defaultSide
        width = options.size?.width ?? declared.1 ?? ImagePreprocessing.defaultSide
        try ImageLimits.check(width: width, height: height)
        guard height == declared.0 ?? height, width == declared.1 ?? width else {
            throw TensorFileError(
                .preprocessing, "the input \(input) does not take images of \(height)x\(width)",
                remedy: "leave --size out")
        }
        let longer = max(height, width)
        let margin = ImagePreprocessing.margin
        shortSide = options.shortSide ?? longer * margin.scaled / margin.cropped
        guard shortSide >= longer else {
            throw TensorFileError(
                .preprocessing,
                "a shorter side of \(shortSide) is too short to cut \(height)x\(width) out of it",
                remedy: "make --resize at least \(longer)")
        }
        guard options.normalization.suits(channels: channels) else {
            throw TensorFileError(
                .preprocessing, "the normalisation does not suit \(channels) channels",
                remedy: "use --preprocess none, or give a mean and a deviation above 0 for each channel")
        }
        self.layout = layout
        self.channels = channels
        normalization = options.normalization
        elementType = input.elementType
        guard ImagePreprocessing.isSupported(elementType, normalization) else {
            throw TensorFileError(
                .preprocessing, "the input \(input) does not take \(normalization)",
                remedy: elementType == .uint8
                    ? "use --preprocess none" : "give the input as a .npy, .npz or .pb file")
        }
    }

    private static func layout(of shape: Shape) -> Layout {
        let (second, last) = (shape[1].value, shape[3].value)
        if second == 3 || second == 1 { return .nchw }
        return last == 3 || last == 1 ? .nhwc : .nchw
    }

    private static func isSupported(_ type: ElementType, _ normalization: PixelNormalization) -> Bool {
        switch type {
        case .float32, .float64, .float16: true
        case .uint8: normalization.scale == 1 && normalization.mean == [0] && normalization.deviation == [1]
        default: false
        }
    }
}

extension ImagePreprocessing: CustomStringConvertible {
    /// Every decision, for people.
    public var description: String {
        "shorter side \(shortSide), crop \(height)x\(width), \(layout.rawValue.uppercased()), "
            + (channels == 1 ? "grey, " : "") + "\(normalization)"
    }
}
