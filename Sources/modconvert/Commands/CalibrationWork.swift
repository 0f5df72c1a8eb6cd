import Calibration
import GraphIR
import MixtureOfDepths
import TensorFiles

/// The calibration that a conversion asks for.
struct CalibrationWork {
    let arguments: CalibrationArguments
    let images: ImageOptions
    let seed: UInt64
    let threads: Int
    let console: Console

    /// Calibrates a plan's blocks.
    func calibrate(_ plan: MoDPlan, _ graph: Graph) throws -> Calibration {
        let options = CalibrationOptions(
            samples: arguments.calibrateSamples, seed: seed, threads: threads)
        let data = try data(graph)
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
            samples: arguments.calibrateSamples, seed: seed, threads: threads,
            rows: CalibrationOptions(threads: threads).rows / 4)
        let data = try data(graph)
        return try console.progress("measuring sensitivity") { report in
            try Sensitivity.measure(plan, graph, images: data, options: options) {
                report($0.step, $0.share)
            }
        }
    }

    /// Images that the calibration does not use, to check its result on.
    func furtherImages(_ graph: Graph) throws -> any CalibrationImages {
        switch arguments.calibrate {
        case .synthetic:
            let format = try ImageFormat(graph)
            return SyntheticImages(
                count: CalibrationWork.checkedImages, format: format,
                scale: try pixelScale(graph, channels: format.channels), seed: seed ^ 0x5eed)
        case .data(let path):
            let all = try ImageData.read(path, for: graph, images).images
            let further = SampledImages(
                all, count: CalibrationWork.checkedImages, seed: seed, skipping: arguments.calibrateSamples)
            guard further.count >= CalibrationWork.fewestCheckedImages else {
                throw CalibrationError.noTarget(
                    "the budget is checked on images beyond --calibrate-samples, and there are "
                        + "\(further.count)")
            }
            return further
        }
    }

    private static let checkedImages = 1024
    private static let fewestCheckedImages = 64

    /// The images of the calibration.
    func data(_ graph: Graph) throws -> any CalibrationImages {
        switch arguments.calibrate {
        case .synthetic:
            let format = try ImageFormat(graph)
            return SyntheticImages(
                count: arguments.calibrateSamples, format: format,
                scale: try pixelScale(graph, channels: format.channels), seed: seed)
        case .data(let path):
            let all = try ImageData.read(path, for: graph, images).images
            return SampledImages(
                all, count: min(all.count, arguments.calibrateSamples), seed: seed)
        }
    }

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

    /// What the manifest says of the calibration.
    var summary: String {
        let data = arguments.calibrate == .synthetic ? "synthetic" : "images"
        return "\(data), \(arguments.calibrateSamples) samples, route \(arguments.form(nil).route.rawValue)"
            + (arguments.route == .channels ? ", fusion \(arguments.fusion.rawValue)" : "")
    }
}
