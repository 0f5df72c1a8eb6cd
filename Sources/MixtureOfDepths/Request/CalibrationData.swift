/// The images of a calibration, as the manifest names them.
public struct CalibrationData: Sendable, Equatable {
    /// Their path as it was given, or `synthetic`.
    public var source: String
    /// What differs from the usual preprocessing; nil if nothing does.
    public var preprocessing: Preprocessing?
    /// The number of images that are asked for.
    public var samples: Int

    /// `source` where images are generated.
    public static let synthetic = "synthetic"
    /// The number of images where none is asked for.
    public static let usualSamples = 256

    /// Generated images, unless more is said.
    public init(
        source: String = CalibrationData.synthetic, preprocessing: Preprocessing? = nil,
        samples: Int = CalibrationData.usualSamples
    ) {
        self.source = source
        self.preprocessing = preprocessing
        self.samples = samples
    }

    /// Whether the images are generated.
    public var isSynthetic: Bool { source == CalibrationData.synthetic }

    /// The options of images that differ from the usual ones.
    public struct Preprocessing: Codable, Sendable, Equatable {
        /// The named normalisation, `caffe` or `none`; nil for ImageNet's.
        public var preset: String?
        /// What is subtracted, instead of the preset's.
        public var mean: [Double]?
        /// What the difference is divided by, instead of the preset's.
        public var deviation: [Double]?
        /// What pixels are multiplied by, instead of the preset's.
        public var scale: Double?
        /// Height and width.
        public var size: [Int]?
        /// The shorter side before the middle is cut out.
        public var shortSide: Int?
        /// The order of a batch's axes, `nchw` or `nhwc`.
        public var layout: String?

        /// What differs from the usual preprocessing; nil for what does not.
        public init(
            preset: String? = nil, mean: [Double]? = nil, deviation: [Double]? = nil, scale: Double? = nil,
            size: [Int]? = nil, shortSide: Int? = nil, layout: String? = nil
        ) {
            self.preset = preset
            self.mean = mean
            self.deviation = deviation
            self.scale = scale
            self.size = size
            self.shortSide = shortSide
            self.layout = layout
        }

        /// Whether nothing differs.
        public var isEmpty: Bool { self == Preprocessing() }
    }
}
