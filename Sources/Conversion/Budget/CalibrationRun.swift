import Calibration
import GraphIR
import MixtureOfDepths
import Passes
import TensorFiles

/// The calibrations of one conversion, with their images and settings.
struct CalibrationRun {
    private let recipe: CalibratedRecipe
    private let graph: Graph
    private let seed: UInt64
    let settings: CalibrationSettings
    /// The scale at which generated images have the statistics stored in the source; nil if the request gives
    /// a scale, or the source stores none.
    let storedScale: PixelScale?
    /// The images of the recipe's path; nil for generated ones.
    private let data: ImageData?

    /// A sentence on a change to the images that can be seen in them; nil if there was none.
    var imageNote: String? { data?.note }

    init(
        _ recipe: CalibratedRecipe, _ network: CanonicalNetwork, _ settings: CalibrationSettings
    ) throws {
        self.recipe = recipe
        self.settings = settings
        (graph, seed) = (network.graph, network.request.seed)
        data =
            recipe.images.isSynthetic
            ? nil
            : try ImageData.read(
                recipe.images.source, for: graph,
                recipe.images.preprocessing ?? CalibrationData.Preprocessing())
        storedScale = try CalibrationRun.storedScale(
            recipe.images, network.sourceModel.graph, network.request.seed, threads: settings.threads)
    }

    /// Fits a plan's blocks.
    func calibrate(
        _ plan: MoDPlan, progress: (CalibrationProgress) -> Void
    ) throws -> Calibration {
        let options = CalibrationOptions(
            samples: recipe.images.samples, seed: seed, threads: settings.threads, limits: settings.limits)
        return try Calibrator.calibrate(
            plan, graph, images: images(for: .fitting), options: options, progress: progress)
    }

    /// Measures the cost of each way to reduce each block.
    func sensitivity(
        _ plan: MoDPlan, progress: (CalibrationProgress) -> Void
    ) throws -> Sensitivity {
        // Fewer rows suffice for an estimate; the final fits get all.
        let options = CalibrationOptions(
            samples: recipe.images.samples, seed: seed, threads: settings.threads, limits: settings.limits,
            rows: CalibrationOptions(threads: settings.threads).rows / 4)
        return try Sensitivity.measure(
            plan, graph, images: images(for: .fitting), options: options, progress: progress)
    }

    // MARK: Images

    /// The purpose of images.
    enum Use {
        /// Fitting.
        case fitting
        /// Checking the result: images that the calibration does not use.
        case checking
    }

    /// Generated images, or those of the recipe's path in an order drawn from the seed: the first for
    /// fitting, the next for checking.
    ///
    /// - Throws: `CalibrationError.noTarget` if too few are left for checking; any error of reading them.
    func images(for use: Use) throws -> any CalibrationImages {
        let count = use == .fitting ? recipe.images.samples : CalibrationRun.checkedImages
        guard let data else {
            let format = try ImageFormat(graph)
            return SyntheticImages(
                count: count, format: format, scale: try pixelScale(channels: format.channels),
                seed: use == .fitting ? seed : seed ^ 0x5eed)
        }
        let chosen = SampledImages(
            data.images, count: count, seed: seed, skipping: use == .fitting ? 0 : recipe.images.samples)
        guard use == .fitting || chosen.count >= CalibrationRun.fewestCheckedImages else {
            throw CalibrationError.noTarget(
                "the budget is checked on images beyond --calibrate-samples, and there are "
                    + "\(chosen.count)")
        }
        return chosen
    }

    private static let checkedImages = 1024
    private static let fewestCheckedImages = 64

    /// The scale of generated images: the request's, or else the one that the source's stored statistics
    /// give.
    private func pixelScale(channels: Int) throws -> PixelScale {
        if let storedScale { return storedScale }
        let preprocessing = recipe.images.preprocessing ?? CalibrationData.Preprocessing()
        // ImageNet's preset has three channels; other networks get its average.
        if channels != 3, preprocessing.isPlainPreset { return .imageNet(channels: channels) }
        guard let input = graph.requiredInputs.first else { return .imageNet(channels: channels) }
        let normalization = try preprocessing.images(for: graph[input]).normalization
        func spread(_ values: [Double]) -> [Double] {
            values.count == 1 ? [Double](repeating: values[0], count: channels) : values
        }
        return PixelScale(
            factor: normalization.scale * 255, mean: spread(normalization.mean),
            deviation: spread(normalization.deviation))
    }

    /// The scale that the statistics of a source's first BatchNormalization give.
    ///
    /// - Parameter source: a graph whose BatchNormalization is not folded.
    private static func storedScale(
        _ images: CalibrationData, _ source: Graph, _ seed: UInt64, threads: Int
    ) throws -> PixelScale? {
        guard images.isSynthetic, images.preprocessing?.isPlainPreset ?? true,
            let format = try? ImageFormat(source),
            source.order.contains(where: { source[$0].isOperator("BatchNormalization") })
        else { return nil }
        // Old files store statistics that become constants only in canonical form.
        let source = try Pipeline.canonical(batchNormalization: .keep).run(source)
        let brightness = PixelScale(
            mean: [Double](repeating: 0, count: format.channels),
            deviation: [Double](repeating: 1, count: format.channels))
        return try PixelScale.fitted(
            to: source,
            brightness: SyntheticImages(count: scaleImages, format: format, scale: brightness, seed: seed),
            threads: threads)
    }

    private static let scaleImages = 64
}
