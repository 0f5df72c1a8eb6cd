import Calibration
import GraphIR
import MixtureOfDepths
import Runtime

/// A conversion whose blocks are decided, except those that a budget leaves open.
public struct PlannedConversion: Sendable {
    /// The network that is converted.
    public let network: CanonicalNetwork
    /// The verdicts of all blocks.
    public let plan: MoDPlan

    /// Makes the weights of the converted blocks. Blocks to be trained need none yet. Those of the calibrated
    /// recipe are fitted to images, in the way that serves the budget best if there is one.
    ///
    /// - Parameter progress: called now and then with the progress, from the calling thread.
    /// - Throws: `CalibrationError`; any error of reading images and of running the network.
    public func fitted(
        _ settings: CalibrationSettings = CalibrationSettings(),
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws -> FittedConversion {
        guard case .calibrated(let recipe, _) = network.request.recipe, !plan.leavesAll else {
            return FittedConversion(network: network, plan: plan)
        }
        let run = try CalibrationRun(recipe, network, settings)
        guard let budget = recipe.budget else {
            let calibration = try run.calibrate(plan, progress: progress)
            return FittedConversion(
                network: network, plan: calibration.plan, calibration: calibration,
                pixelScale: run.supply.storedScale, imageNote: run.supply.note)
        }
        let found = try BudgetSearch(budget: budget, run: run, network: network).search(plan, progress)
        return FittedConversion(
            network: network, plan: found.calibration.plan, calibration: found.calibration,
            lossShares: found.lossShares, pixelScale: run.supply.storedScale, imageNote: run.supply.note)
    }
}

/// The threads and limits of a calibration.
public struct CalibrationSettings: Sendable {
    /// Threads that share the work; they do not affect results.
    public var threads: Int
    /// The limits of running the network.
    public var limits: RunLimits

    /// Settings; the default is all processors and the usual limits.
    public init(threads: Int = SessionOptions().threads, limits: RunLimits = RunLimits()) {
        self.threads = threads
        self.limits = limits
    }
}
