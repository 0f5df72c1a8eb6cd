import GraphIR
import MixtureOfDepths

extension MoDPlan {
    /// The recipe that calibration follows.
    ///
    /// - Throws: `CalibrationError.notCalibrated` for a plan of another recipe.
    var calibratedRecipe: CalibratedRecipe {
        get throws(CalibrationError) {
            guard case .calibrated(let recipe, _) = request.recipe else { throw .notCalibrated }
            return recipe
        }
    }

    /// The plan without conversions of blocks that calibration cannot reach.
    func keeping(outside blocks: Set<NodeID>) -> MoDPlan {
        let unreachable = entries.filter { $0.verdict.isReduction && !blocks.contains($0.block.closing) }
            .map(\.block.closing)
        return deciding(
            Dictionary(uniqueKeysWithValues: unreachable.map { ($0, .keep(.offTheChain)) }))
    }
}
