import GraphIR
import Operators

/// Decides for every block whether it is converted, and to which form.
public struct Planner {
    let graph: Graph
    let request: ConversionRequest
    let placement: Placement

    /// The plan for a canonical graph; the graph stays unchanged.
    ///
    /// - Parameter depths: the number of blocks in each stage before the requested deepening.
    /// - Throws: `ConversionError` if a named block does not exist in the graph, or cannot be converted.
    public static func plan(
        _ graph: Graph, _ request: ConversionRequest, depthsBefore depths: [Int] = []
    ) throws -> MoDPlan {
        let stages = BlockRecogniser.stages(in: graph, chains: request.recipe.cutsHiddenUnits)
        return try plan(graph, stages, request, depthsBefore: depths)
    }

    static func plan(
        _ graph: Graph, _ stages: [Stage], _ request: ConversionRequest, depthsBefore depths: [Int] = []
    ) throws -> MoDPlan {
        let planner = Planner(
            graph: graph, request: request,
            placement: try Placement(request.recipe, stages, depthsBefore: depths))
        return MoDPlan(
            request: request,
            entries: stages.flatMap { stage in
                stage.blocks.enumerated().map { index, block in
                    MoDPlan.Entry(
                        stage: stage.index, index: index, block: block,
                        verdict: planner.verdict(block, BlockPlace(stage: stage.index, index: index)))
                }
            })
    }

    private func verdict(_ block: ConvBlock, _ place: BlockPlace) -> Verdict {
        if let reason = placement.reasonToKeep(place, beforeObstacles: true) { return .keep(reason) }
        if let obstacle = request.recipe.obstacle(of: block) { return .notEligible(obstacle) }
        if let reason = placement.reasonToKeep(place, beforeObstacles: false) { return .keep(reason) }
        if request.recipe.isIdentity { return .keep(.ratioOne) }
        switch request.recipe {
        case .paper(let paper, _), .deepened(let paper, _): return verdict(block, paper)
        case .calibrated(let calibrated, _): return verdict(block, calibrated)
        }
    }
}
