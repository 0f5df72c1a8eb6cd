/// The images of a calibration, as the manifest records them.
public struct CalibrationData: Sendable, Equatable {
    /// The path as the user gave it, or `synthetic`.
    public var source: String
    /// The differences from the usual preprocessing; nil if there are none.
    public var preprocessing: Preprocessing?
    /// The number of images requested.
    public var samples: Int

    /// The value of `source` for generated images.
    public static let synthetic = "synthetic"
    /// The number of images if the user gives none.
    public static let usualSamples = 256

    /// Calibration data; the default is generated images.
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
        /// The subtracted means, instead of the preset's.
        public var mean: [Double]?
        /// The divisors of the difference, instead of the preset's.
        public var deviation: [Double]?
        /// The factor on pixels, instead of the preset's.
        public var scale: Double?
        /// Height and width.
        public var size: [Int]?
        /// The length of the shorter side before the middle is cut out.
        public var shortSide: Int?
        /// The order of a batch's axes, `nchw` or `nhwc`.
        public var layout: String?

        /// The differences from the usual preprocessing; nil for each usual value.
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
