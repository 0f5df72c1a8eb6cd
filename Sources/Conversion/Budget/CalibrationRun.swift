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
    /// The images.
    let supply: ImageSupply

    init(
        _ recipe: CalibratedRecipe, _ network: CanonicalNetwork, _ settings: CalibrationSettings
    ) throws {
        self.recipe = recipe
        self.settings = settings
        (graph, seed) = (network.graph, network.request.seed)
        supply = try ImageSupply(
            recipe.images, for: graph, statistics: network.sourceModel.graph, seed: network.request.seed,
            threads: settings.threads)
    }

    /// Fits a plan's blocks.
    func calibrate(
        _ plan: MoDPlan, progress: (CalibrationProgress) -> Void
    ) throws -> Calibration {
        let options = CalibrationOptions(
            samples: recipe.images.samples, seed: seed, threads: settings.threads, limits: settings.limits)
        return try Calibrator.calibrate(
            plan, graph, images: supply.images(for: .fitting), options: options, progress: progress)
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
            plan, graph, images: supply.images(for: .fitting), options: options, progress: progress)
    }
}
