import GraphIR
import MixtureOfDepths

extension Verifier {
    /// A block of gated hidden units against its definition: routing first, values second.
    ///
    /// The selectors' scores and the highest of them are computed here, and the gates from them; the body's nodes
    /// are then evaluated with those gates in place of the graph's.
    func compareGated(
        _ block: Manifest.Block, _ values: [String: Tensor]
    ) throws -> Result<BlockFigures, BlockProblem> {
        guard let x = values[block.input], let y = values[block.output], x.rank == 4, x.shape == y.shape,
            x.shape[1] == block.channels, let routes = block.routes, let widths = block.widths,
            routes.count == block.hidden.count, widths.count == block.hidden.count
        else { return .failure(BlockProblem(text: "its shapes are not those of the manifest")) }
        if block.tables != nil { return try compareGathered(block, routes, widths, x, y, values) }
        let evaluator = DefinitionEvaluator(graph: converted.graph, block: block)
        var entries = [block.input: x]
        var margin = Double.infinity
        for (layer, route) in routes.enumerated() {
            guard let name = route.gates, let gates = values[name], let found = gates.doubles,
                gates.shape == [x.shape[0], widths[layer], 1, 1]
            else { return .failure(BlockProblem(text: "its gates are not [N, units, 1, 1]")) }
            let routing = DefinitionEvaluator.Routing(
                scores: try evaluator.scores(route.scores, units: widths[layer], x), block.hidden[layer])
            let rows = (0..<x.shape[0]).map { sample in
                (0..<widths[layer]).filter { found[sample * widths[layer] + $0] != 0 }
            }
            if let problem = routingProblem(rows, routing) { return .failure(problem) }
            margin = min(margin, routing.margin)
            let expected = zip(rows, routing.scores).flatMap { row, scores in
                let chosen = Set(row)
                return scores.indices.map { chosen.contains($0) ? scores[$0] : 0 }
            }
            entries[name] = try evaluator.cast(Tensor(shape: gates.shape, expected), to: x.elementType)
        }
        let body = try evaluator.evaluateBody(entries)
        return try sumProblem(block, x, y, body.doubles, fused: block.channels)
            .map { BlockFigures(relative: $0, margin: margin) }
    }

    /// The same block where only the chosen units are computed, with gathered weights.
    private func compareGathered(
        _ block: Manifest.Block, _ routes: [EmittedBlock.Route], _ widths: [Int], _ x: Tensor, _ y: Tensor,
        _ values: [String: Tensor]
    ) throws -> Result<BlockFigures, BlockProblem> {
        let definition = DefinitionEvaluator(graph: converted.graph, block: block)
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: block)
        var units: [[[Int]]] = []
        var gates: [[[Double]]] = []
        var margin = Double.infinity
        for (layer, route) in routes.enumerated() {
            let count = block.hidden[layer]
            guard let indices = values[route.indices]?.integers, indices.count == x.shape[0] * count else {
                return .failure(BlockProblem(text: "its indices are not [N, k] integers"))
            }
            let rows = (0..<x.shape[0]).map { Array(indices[($0 * count)..<(($0 + 1) * count)]) }
            let routing = DefinitionEvaluator.Routing(
                scores: try definition.scores(route.scores, units: widths[layer], x), count)
            if let problem = routingProblem(rows, routing) { return .failure(problem) }
            margin = min(margin, routing.margin)
            units.append(rows)
            gates.append(zip(rows, routing.scores).map { row, scores in row.map { scores[$0] } })
        }
        let body = try evaluator.routedBody(try evaluator.features(x), units: units, gates: gates)
        return try sumProblem(block, x, y, evaluator.doubles(body), fused: block.channels)
            .map { BlockFigures(relative: $0, margin: margin) }
    }
}
