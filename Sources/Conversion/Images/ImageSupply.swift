import Calibration
import GraphIR
import MixtureOfDepths
import Passes
import TensorFiles

/// The images of a conversion: generated ones, or those of a path in an order drawn from the seed.
struct ImageSupply {
    private let request: CalibrationData
    private let graph: Graph
    private let seed: UInt64
    /// The images of the request's path; nil for generated ones.
    private let data: ImageData?
    /// The scale at which generated images have the statistics stored in the source; nil if the request gives
    /// a scale, or the source stores none.
    let storedScale: PixelScale?

    /// Sentences on the images that the user should read; nil if there is nothing to say.
    var note: String? {
        let notes = [data?.note ?? (assumesScale ? ImageSupply.assumption : nil), pairing].compactMap { $0 }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    /// That inputs share a source of images; nil if they do not.
    private var pairing: String? {
        guard graph.requiredInputs.count > 1, let images = try? images(for: .fitting),
            (try? NetworkInputs(graph, images).pairsImages) == true
        else { return nil }
        return
            "the network takes \(graph.requiredInputs.count) images: each sample is made of different ones of the data"
    }

    /// Whether nothing tells the scale of generated images.
    private var assumesScale: Bool {
        request.isSynthetic && storedScale == nil && request.preprocessing?.isPlainPreset ?? true
    }

    private static let assumption =
        "generated images have the scale of ImageNet's: the file stores no statistics of its images; --preprocess, --mean "
        + "and --std give another"

    /// - Parameters:
    ///   - graph: the network whose input the images become.
    ///   - source: the same network, with its BatchNormalization.
    init(
        _ request: CalibrationData, for graph: Graph, statistics source: Graph, seed: UInt64, threads: Int
    ) throws {
        (self.request, self.graph, self.seed) = (request, graph, seed)
        data =
            request.isSynthetic
            ? nil
            : try ImageData.read(
                request.source, for: graph, request.preprocessing ?? CalibrationData.Preprocessing())
        storedScale = try ImageSupply.storedScale(request, source, seed, threads: threads)
    }

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
    /// - Throws: `CalibrationError.noTarget` if too few are left for checking, `noPixelScale` if nothing tells the scale of
    ///   generated images; any error of reading them.
    func images(for use: Use) throws -> any CalibrationImages {
        let count = use == .fitting ? request.samples : ImageSupply.checkedImages
        guard let data else {
            let format = try ImageFormat(graph)
            return SyntheticImages(
                count: count, format: format, scale: try pixelScale(channels: format.channels),
                seed: use == .fitting ? seed : seed ^ 0x5eed)
        }
        let chosen = SampledImages(
            data.images, count: count, seed: seed, skipping: use == .fitting ? 0 : request.samples)
        guard use == .fitting || chosen.count >= ImageSupply.fewestCheckedImages else {
            throw CalibrationError.noTarget(
                "the budget is checked on images beyond --calibrate-samples, and there are "
                    + "\(chosen.count)")
        }
        return chosen
    }

    private static let checkedImages = 1024
    private static let fewestCheckedImages = 64

    /// The scale of generated images: the request's, or else the one that the source's stored statistics
    /// give. Where there is neither, images of three channels are taken for ImageNet's.
    private func pixelScale(channels: Int) throws -> PixelScale {
        if let storedScale { return storedScale }
        let preprocessing = request.preprocessing ?? CalibrationData.Preprocessing()
        guard channels == 3 || !assumesScale else { throw CalibrationError.noPixelScale(channels: channels) }
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
        let source = try Pipeline.canonical(batchNormalization: .keep).run(source).inSinglePrecision()
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
