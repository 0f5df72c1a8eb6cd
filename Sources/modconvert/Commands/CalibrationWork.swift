import Calibration
import GraphIR
import MixtureOfDepths
import Passes
import Report
import Runtime
import TensorFiles

/// The calibration that a conversion asks for.
struct CalibrationWork {
    let arguments: CalibrationArguments
    let images: ImageOptions
    let seed: UInt64
    let threads: Int
    let limits: RunLimits
    let console: Console
    /// The scale at which generated images have the statistics that the source stores; nil if the options say one,
    /// or the source stores none.
    private(set) var storedScale: PixelScale?

    /// Calibrates a plan's blocks.
    func calibrate(_ plan: MoDPlan, _ graph: Graph) throws -> Calibration {
        let options = CalibrationOptions(
            samples: arguments.calibrateSamples, seed: seed, threads: threads, limits: limits)
        let data = try images(graph, for: .fitting)
        return try console.progress("calibrating") { report in
            try Calibrator.calibrate(plan, graph, images: data, options: options) {
                report($0.step, $0.share)
            }
        }
    }

    /// What each way to reduce each block costs.
    func sensitivity(_ plan: MoDPlan, _ graph: Graph) throws -> Sensitivity {
        // Rows for an estimate; the final fits get all.
        let options = CalibrationOptions(
            samples: arguments.calibrateSamples, seed: seed, threads: threads, limits: limits,
            rows: CalibrationOptions(threads: threads).rows / 4)
        let data = try images(graph, for: .fitting)
        return try console.progress("measuring sensitivity") { report in
            try Sensitivity.measure(plan, graph, images: data, options: options) {
                report($0.step, $0.share)
            }
        }
    }

    /// What images are for.
    enum Use {
        /// The calibration.
        case fitting
        /// To check its result on: images that it does not use.
        case checking
    }

    /// Generated images, or the images of a path in an order drawn by the seed: the first for fitting, the
    /// next for checking.
    ///
    /// - Throws: `CalibrationError.noTarget` if too few are left for checking; what reading them throws.
    func images(_ graph: Graph, for use: Use) throws -> any CalibrationImages {
        let count = use == .fitting ? arguments.calibrateSamples : CalibrationWork.checkedImages
        switch arguments.calibrate {
        case .synthetic:
            let format = try ImageFormat(graph)
            return SyntheticImages(
                count: count, format: format, scale: try pixelScale(graph, channels: format.channels),
                seed: use == .fitting ? seed : seed ^ 0x5eed)
        case .data(let path):
            let chosen = SampledImages(
                try ImageData.read(path, for: graph, images).images, count: count, seed: seed,
                skipping: use == .fitting ? 0 : arguments.calibrateSamples)
            guard use == .fitting || chosen.count >= CalibrationWork.fewestCheckedImages else {
                throw CalibrationError.noTarget(
                    "the budget is checked on images beyond --calibrate-samples, and there are "
                        + "\(chosen.count)")
            }
            return chosen
        }
    }

    private static let checkedImages = 1024
    private static let fewestCheckedImages = 64

    /// What the network takes pixels as, for images that are generated: as the options say, else as the source's
    /// stored statistics say.
    private func pixelScale(_ graph: Graph, channels: Int) throws -> PixelScale {
        if let storedScale { return storedScale }
        // ImageNet's preset is for three channels; other networks get its average.
        if channels != 3, images.isPlainPreset { return .imageNet(channels: channels) }
        guard let input = graph.requiredInputs.first else {
            return .imageNet(channels: channels)
        }
        let normalization = try images.preprocessing(for: graph[input]).normalization
        func spread(_ values: [Double]) -> [Double] {
            values.count == 1 ? [Double](repeating: values[0], count: channels) : values
        }
        return PixelScale(
            factor: normalization.scale * 255, mean: spread(normalization.mean),
            deviation: spread(normalization.deviation))
    }

    /// Finds the scale of generated images.
    ///
    /// - Parameter source: with its BatchNormalization not folded.
    mutating func useStatistics(of source: Graph) throws {
        guard arguments.calibrate == .synthetic, images.isPlainPreset, let format = try? ImageFormat(source),
            source.order.contains(where: { source[$0].isOperator("BatchNormalization") })
        else { return }
        // Statistics of old files are constants only after canonicalisation.
        let source = try Pipeline.canonical(batchNormalization: .keep).run(source)
        let brightness = PixelScale(
            mean: [Double](repeating: 0, count: format.channels),
            deviation: [Double](repeating: 1, count: format.channels))
        storedScale = try PixelScale.fitted(
            to: source,
            brightness: SyntheticImages(
                count: CalibrationWork.scaleImages, format: format, scale: brightness, seed: seed),
            threads: threads)
    }

    private static let scaleImages = 64

    /// What a user should know of the scale of generated images.
    var notes: [String] {
        guard let scale = storedScale else { return [] }
        let mean = scale.mean.map { Quantity.fixed($0, decimals: 3) }.joined(separator: ", ")
        return [
            "generated images were scaled as the statistics of the first BatchNormalization say: brightness from 0 "
                + "to 1 times \(Quantity.fixed(scale.factor, decimals: 3)) less \(mean)"
        ]
    }

    /// The images as the manifest names them.
    var record: CalibrationData {
        CalibrationData(
            source: arguments.calibrate.description, preprocessing: images.record,
            samples: arguments.calibrateSamples)
    }
}
