import Calibration
import GraphIR
import MixtureOfDepths
import Operators
import Report
import Runtime

/// The search for a plan that meets a budget.
struct BudgetWork {
    let budget: BudgetArguments
    let calibration: CalibrationWork

    /// What came out: the calibration, and what each converted block adds to the loss, by scope.
    typealias Result = (calibration: Calibration, remarks: [String: String])

    /// - Parameters:
    ///   - plan: with every block that may be reduced open.
    ///   - model: canonical.
    func calibrate(_ plan: MoDPlan, _ model: Model) throws -> Result {
        let sensitivity = try calibration.sensitivity(plan, model.graph)
        if let target = budget.targetMacs {
            return try calibrate(plan, model.graph, sensitivity, macs: target.count)
        }
        var found: Result?
        var (low, high) = (sensitivity.leastMACs, sensitivity.sourceMACs)
        for _ in 0..<BudgetWork.rounds {
            let macs = (low + high) / 2
            // Speeds are measured: what is found has to be found again by another budget.
            let result = try calibrate(
                budget.targetSpeedup == nil ? plan : plan.serving(Budget(.macs, "\(macs)")), model.graph,
                sensitivity, macs: macs)
            let converted = try Converter.apply(
                result.calibration.plan, to: model, source: Converter.Source(sha256: nil),
                weights: result.calibration.weights)
            let isMet = try isMet(model.graph, converted.model.graph)
            if isMet { found = result }
            // A speed leaves room for more work, an accuracy for less.
            if isMet == (budget.targetSpeedup != nil) { low = macs } else { high = macs }
        }
        guard let found else {
            throw CalibrationError.noTarget(
                budget.targetSpeedup != nil
                    ? "no choice of blocks is fast enough" : "no choice of blocks agrees often enough")
        }
        return found
    }

    /// Halvings of the range between the least and the source's multiply-accumulates.
    private static let rounds = 5

    private func calibrate(
        _ plan: MoDPlan, _ graph: Graph, _ sensitivity: Sensitivity, macs: Int
    ) throws -> Result {
        let choice = try sensitivity.plan(plan, macs: macs)
        let remarks = choice.shares.mapValues {
            "\(Quantity.fixed(100 * $0, decimals: 1)) % of the estimated loss"
        }
        return (try calibration.calibrate(choice.plan, graph), remarks)
    }

    private func isMet(_ source: Graph, _ converted: Graph) throws -> Bool {
        let graphs = [source, converted]
        let images = try calibration.images(source, for: .checking)
        if let speedup = budget.targetSpeedup {
            let times = try SpeedComparison.milliseconds(
                graphs, images: images, threads: calibration.threads, limits: calibration.limits)
            return times[0] / times[1] >= speedup
        }
        let evaluation = try Evaluation(
            graphs, images: images, labels: nil, threads: calibration.threads,
            limits: calibration.limits)
        return 1 - evaluation.results[1].agreement.share <= budget.maxDrop?.share ?? 0
    }
}
