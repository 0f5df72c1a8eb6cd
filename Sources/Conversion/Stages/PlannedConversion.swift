import Calibration
import GraphIR
import MixtureOfDepths
import Runtime

/// A conversion whose blocks are decided, but for those that a budget leaves open.
public struct PlannedConversion: Sendable {
    /// The network that is converted.
    public let network: CanonicalNetwork
    /// What becomes of every block.
    public let plan: MoDPlan

    /// Makes the weights of the converted blocks. Blocks that are to be trained need none yet; those of the calibrated
    /// recipe are fitted to images, in the way that serves the budget best if there is one.
    ///
    /// - Parameter progress: told what is done, now and then, from the calling thread.
    /// - Throws: `CalibrationError`; what reading images and running the network throw.
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
                network: network, plan: calibration.plan, calibration: calibration, pixelScale: run.storedScale)
        }
        let found = try BudgetSearch(budget: budget, run: run, network: network).search(plan, progress)
        return FittedConversion(
            network: network, plan: found.calibration.plan, calibration: found.calibration,
            lossShares: found.lossShares, pixelScale: run.storedScale)
    }
}

/// What a calibration may use.
public struct CalibrationSettings: Sendable {
    /// Threads that share the work; results do not depend on it.
    public var threads: Int
    /// Of running the network.
    public var limits: RunLimits

    /// All processors and the usual limits, unless more is said.
    public init(threads: Int = SessionOptions().threads, limits: RunLimits = RunLimits()) {
        self.threads = threads
        self.limits = limits
    }
}
