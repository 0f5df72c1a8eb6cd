/// How a calibrated conversion was made: what, together with the manifest's router, weights and seed, makes it
/// again.
public struct CalibrationRecord: Codable, Sendable, Equatable {
    /// The path of the images as it was given, or `synthetic`.
    public var data: String
    /// How images became the network's input, where that was said.
    public var preprocessing: Preprocessing?
    /// The number of images that were asked for.
    public var samples: Int
    /// What was chosen; a `CalibratedForm.Route`.
    public var route: String
    /// Which channels results are added to; a `CalibratedForm.Fusion`.
    public var fusion: String
    /// Whether the blocks were left out, the baseline.
    public var drop: Bool
    /// What the blocks' ratios were chosen for; nil where they share one.
    public var budget: Budget?

    /// The options of images that differ from the usual ones.
    public struct Preprocessing: Codable, Sendable, Equatable {
        /// The named normalisation, `caffe` or `none`; nil for ImageNet's.
        public var preset: String?
        /// What was subtracted, instead of the preset's.
        public var mean: [Double]?
        /// What the difference was divided by, instead of the preset's.
        public var deviation: [Double]?
        /// What pixels were multiplied by, instead of the preset's.
        public var scale: Double?
        /// Height and width.
        public var size: [Int]?
        /// The shorter side before the middle was cut out.
        public var shortSide: Int?
        /// The order of a batch's axes, `nchw` or `nhwc`.
        public var layout: String?

        /// What differs from the usual preprocessing; nil for what does not.
        public init(
            preset: String?, mean: [Double]?, deviation: [Double]?, scale: Double?, size: [Int]?,
            shortSide: Int?, layout: String?
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
        public var isEmpty: Bool {
            self
                == Preprocessing(
                    preset: nil, mean: nil, deviation: nil, scale: nil, size: nil, shortSide: nil,
                    layout: nil)
        }
    }

    /// What `data` is where the images were generated.
    public static let synthetic = "synthetic"

    init(_ data: CalibrationData, _ options: ConversionOptions) {
        let form = options.form ?? CalibratedForm()
        self.data = data.source
        preprocessing = data.preprocessing
        samples = data.samples
        route = form.route.rawValue
        fusion = form.fusion.rawValue
        drop = form.drop
        if case .budget(let budget) = options.target { self.budget = budget }
    }
}

/// The images of a calibration, as the manifest names them.
public struct CalibrationData: Sendable, Equatable {
    /// Their path as it was given, or `CalibrationRecord.synthetic`.
    public let source: String
    /// Nil where nothing was said of it.
    public let preprocessing: CalibrationRecord.Preprocessing?
    /// The number of images that were asked for.
    public let samples: Int

    /// Images by their path or `CalibrationRecord.synthetic`.
    public init(source: String, preprocessing: CalibrationRecord.Preprocessing?, samples: Int) {
        self.source = source
        self.preprocessing = preprocessing
        self.samples = samples
    }
}
