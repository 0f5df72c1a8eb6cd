import Calibration
import GraphIR
import MixtureOfDepths
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

    /// What the network takes pixels as, for images that are generated.
    private func pixelScale(_ graph: Graph, channels: Int) throws -> PixelScale {
        // ImageNet's preset is for three channels; other networks get its average.
        if channels != 3, images.isPlainPreset { return .imageNet(channels: channels) }
        guard let input = graph.inputs.first(where: { graph[$0].initializer == nil }) else {
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

    /// The images as the manifest names them.
    var record: CalibrationData {
        CalibrationData(
            source: arguments.calibrate.description, preprocessing: images.record,
            samples: arguments.calibrateSamples)
    }
}
