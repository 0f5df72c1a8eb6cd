import GraphIR
import MixtureOfDepths

/// Blocks of gated hidden units against their definition: routing first, values second. The selectors'
/// scores, the highest of them, and the gates are computed here.
extension Verifier {
    /// For blocks that compute all units: the body's nodes are evaluated with the definition's gates in place
    /// of the graph's.
    func compareDense(
        _ run: BlockRun, _ form: GatedHidden
    ) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = DefinitionEvaluator(graph: converted.graph, block: run.block)
        var entries = [run.block.values.input: run.x]
        var margin = Double.infinity
        for (layer, choice) in run.block.values.choices.enumerated() {
            let (units, count) = (form.widths[layer], form.hidden[layer])
            guard let name = choice.gates, let gates = run.values[name], let found = gates.doubles,
                gates.shape == [run.x.shape[0], units, 1, 1]
            else { return .failure(BlockProblem(text: "its gates are not [N, units, 1, 1]")) }
            let routing = DefinitionEvaluator.Routing(
                scores: try evaluator.scores(choice.scores, units: units, run.x), count)
            let rows = (0..<run.x.shape[0]).map { sample in
                chosenUnits(found[(sample * units)..<((sample + 1) * units)], routing, sample, count)
            }
            if let problem = routingProblem(rows, routing) { return .failure(problem) }
            margin = min(margin, routing.margin)
            let expected = zip(rows, routing.scores).flatMap { row, scores in
                let chosen = Set(row)
                return scores.indices.map { chosen.contains($0) ? scores[$0] : 0 }
            }
            entries[name] = try Tensor(shape: gates.shape, expected).casting(to: run.x.elementType)
        }
        return try sumProblem(run, body: evaluator.evaluateBody(entries).doubles, margin: margin)
    }

    /// The units that a sample's gates let through. A score may be so small that the gate of a chosen unit is 0: where
    /// gates are missing, such units of the definition's choice count as chosen, which changes no value.
    private func chosenUnits(
        _ gates: ArraySlice<Double>, _ routing: DefinitionEvaluator.Routing, _ sample: Int, _ count: Int
    ) -> [Int] {
        let gates = Array(gates)
        let open = gates.indices.filter { gates[$0] != 0 }
        let closed = routing.indices[sample].filter {
            gates[$0] == 0 && routing.scores[sample][$0] <= Tolerance.scoreTie
        }
        return (open + closed.prefix(max(0, count - open.count))).sorted()
    }

    /// For blocks that compute only the chosen units, with gathered weights.
    func compareGathered(
        _ run: BlockRun, _ form: GatedHidden
    ) throws -> Result<BlockFigures, BlockProblem> {
        let definition = DefinitionEvaluator(graph: converted.graph, block: run.block)
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: run.block)
        var units: [[[Int]]] = []
        var gates: [[[Double]]] = []
        var margin = Double.infinity
        for (layer, choice) in run.block.values.choices.enumerated() {
            let routing = DefinitionEvaluator.Routing(
                scores: try definition.scores(choice.scores, units: form.widths[layer], run.x),
                form.hidden[layer])
            switch run.chosen(layer, form.hidden[layer], routing, self) {
            case .failure(let problem): return .failure(problem)
            case .success(let rows):
                units.append(rows)
                gates.append(zip(rows, routing.scores).map { row, scores in row.map { scores[$0] } })
            }
            margin = min(margin, routing.margin)
        }
        let body = try evaluator.routedBody(evaluator.features(run.x), units: units, gates: gates)
        return try sumProblem(run, body: evaluator.doubles(body), margin: margin)
    }
}
