import Calibration
import GraphIR
import MixtureOfDepths
import Operators

/// Searches for the plan that meets a budget.
struct BudgetSearch {
    let budget: Budget
    let run: CalibrationRun
    let network: CanonicalNetwork

    /// A calibration that meets the budget, and by scope each block's share of the estimated loss.
    typealias Found = (calibration: Calibration, lossShares: [String: Double])

    /// - Parameter plan: a plan in which every block that may be reduced is open.
    /// - Throws: `CalibrationError.noTarget` if no choice of blocks meets the budget.
    func search(_ plan: MoDPlan, _ progress: (CalibrationProgress) -> Void) throws -> Found {
        let rounds = budget.kind == .macs ? 1 : BudgetSearch.rounds
        let whole = BudgetSearch.measuring + Double(rounds)
        let sensitivity = try run.sensitivity(plan) {
            progress(CalibrationProgress(step: $0.step, share: BudgetSearch.measuring * $0.share / whole))
        }
        func share(_ round: Int, _ share: Double) -> Double {
            (BudgetSearch.measuring + Double(round - 1) + share) / whole
        }
        if let macs = budget.macs(ofSource: sensitivity.sourceMACs) {
            return try calibrate(plan, sensitivity, macs: macs) {
                progress(CalibrationProgress(step: $0.step, share: share(1, $0.share)))
            }
        }
        let isSpeed = budget.kind == .speedup
        var found: Found?
        var (low, high) = (sensitivity.leastMACs, sensitivity.sourceMACs)
        for round in 1...rounds {
            let macs = (low + high) / 2
            // A measured speed varies from run to run, so the plan records the MAC budget that reproduces it.
            let result = try calibrate(
                isSpeed ? plan.serving(.macs(macs)) : plan, sensitivity, macs: macs
            ) {
                progress(
                    CalibrationProgress(
                        step: "\($0.step), round \(round) of \(rounds)", share: share(round, $0.share)))
            }
            let fitted = FittedConversion(
                network: network, plan: result.calibration.plan, calibration: result.calibration)
            let isMet = try isMet(try fitted.converted().graph)
            if isMet { found = result }
            // A speed leaves room for more work, an accuracy for less.
            if isMet == isSpeed { low = macs } else { high = macs }
        }
        guard let found else {
            throw CalibrationError.noTarget(
                isSpeed ? "no choice of blocks is fast enough" : "no choice of blocks agrees often enough")
        }
        return found
    }

    /// How often the range between the least and the source's multiply-accumulates is halved.
    private static let rounds = 5

    /// The work of measuring every form of every block, in calibrations of the chosen ones: three, as timed on the
    /// fixtures in fixtures/trained.
    private static let measuring = 3.0

    private func calibrate(
        _ plan: MoDPlan, _ sensitivity: Sensitivity, macs: Int, _ progress: (CalibrationProgress) -> Void
    ) throws -> Found {
        let choice = try sensitivity.plan(plan, macs: macs)
        return (try run.calibrate(choice.plan, progress: progress), choice.shares)
    }

    private func isMet(_ converted: Graph) throws -> Bool {
        let graphs = [network.graph, converted]
        let images = try run.supply.images(for: .checking)
        let (threads, limits) = (run.settings.threads, run.settings.limits)
        guard budget.kind == .drop else {
            let times = try SpeedComparison.milliseconds(
                graphs, images: images, threads: threads, limits: limits)
            return times[0] / times[1] >= budget.value
        }
        let evaluation = try Evaluation(
            graphs, images: images, labels: nil, threads: threads, limits: limits)
        return 1 - evaluation.results[1].agreement.share <= budget.value
    }
}
