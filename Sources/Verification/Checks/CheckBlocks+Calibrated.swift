import GraphIR
import MixtureOfDepths

/// Calibrated blocks against their definitions: routing first, values second.
extension Verifier {
    func compareFixedHidden(_ run: BlockRun) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: run.block)
        let definition = DefinitionEvaluator(graph: converted.graph, block: run.block)
        let features = try evaluator.features(run.x)
        var entries = [run.block.values.gathered: features.tensor]
        if let sum = try evaluator.biasedSum(features) {
            entries[sum.result] = try evaluator.biased(definition.evaluateBody(entries, to: sum.operand), sum)
        }
        return try sumProblem(run, body: definition.evaluateBody(entries).doubles)
    }

    func compareFixedChannels(_ run: BlockRun) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: run.block)
        guard let channels = try evaluator.fixedChannels(),
            channels.allSatisfy((0..<run.block.form.channels).contains)
        else { return .failure(BlockProblem(text: "it gathers no channels of its input")) }
        let body = try evaluator.narrowBody(
            evaluator.features(run.x), channels: [[Int]](repeating: channels, count: run.x.shape[0]))
        return try sumProblem(run, body: evaluator.doubles(body))
    }

    func compareRoutedChannels(
        _ run: BlockRun, _ form: RoutedChannels
    ) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: run.block)
        let features = try evaluator.features(run.x)
        switch try routed(run, [form.processed], evaluator, features) {
        case .failure(let problem): return .failure(problem)
        case .success(let routing):
            let body = try evaluator.narrowBody(features, channels: routing.chosen[0])
            return try sumProblem(run, body: evaluator.doubles(body), margin: routing.margin)
        }
    }

    func compareRoutedHidden(
        _ run: BlockRun, _ form: RoutedHidden
    ) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: run.block)
        let features = try evaluator.features(run.x)
        switch try routed(run, form.units.kept, evaluator, features) {
        case .failure(let problem): return .failure(problem)
        case .success(let routing):
            let body = try evaluator.routedBody(features, units: routing.chosen)
            return try sumProblem(run, body: evaluator.doubles(body), margin: routing.margin)
        }
    }

    /// By choice and sample, the things that the run chose by linear scores; `counts` holds one number for
    /// each choice.
    private func routed(
        _ run: BlockRun, _ counts: [Int], _ evaluator: CalibratedEvaluator,
        _ features: CalibratedEvaluator.Features
    ) throws -> Result<(chosen: [[[Int]]], margin: Double), BlockProblem> {
        guard run.block.values.choices.count == counts.count else {
            return .failure(BlockProblem(text: "it has no routes as described"))
        }
        var chosen: [[[Int]]] = []
        var margin = Double.infinity
        for (place, count) in counts.enumerated() {
            let routing = DefinitionEvaluator.Routing(
                scores: try evaluator.scores(run.block.values.choices[place], features), count)
            switch run.chosen(place, count, routing, self) {
            case .failure(let problem): return .failure(problem)
            case .success(let rows): chosen.append(rows)
            }
            margin = min(margin, routing.margin)
        }
        return .success((chosen, margin))
    }

    /// Y = act(X + body) in the first `fused` channels and act(X) in the others, where act is the activation
    /// that the file has after the sum.
    ///
    /// - Parameter body: nil for a block that is left out.
    func sumProblem(
        _ run: BlockRun, body: [Double]?, margin: Double = .infinity
    ) throws -> Result<BlockFigures, BlockProblem> {
        let (block, x, y, fused) = (run.block, run.x, run.y, run.block.form.fused)
        let definition = DefinitionEvaluator(graph: converted.graph, block: block)
        let shortcut = try definition.shortcut(of: x, for: y.shape)
        guard shortcut.shape == y.shape, var expected = shortcut.doubles, let outputs = y.doubles else {
            return .failure(BlockProblem(text: "its values are not numbers of the sum's shape"))
        }
        let plane = y.shape[2] * y.shape[3]
        let (part, all) = (fused * plane, y.shape[1] * plane)
        if let body {
            guard body.count == x.shape[0] * part else {
                return .failure(BlockProblem(text: "its body does not give \(fused) channels"))
            }
            for sample in 0..<x.shape[0] {
                for index in 0..<part { expected[sample * all + index] += body[sample * part + index] }
            }
        }
        let sum = try Tensor(shape: y.shape, expected).casting(to: x.elementType)
        guard let activated = try definition.activated(sum).doubles, activated.count == expected.count else {
            return .failure(BlockProblem(text: "its activation is not a function of each element"))
        }
        expected = activated
        for sample in 0..<x.shape[0] {
            for index in (sample * all + part)..<((sample + 1) * all) where outputs[index] != expected[index]
            {
                return .failure(
                    BlockProblem(
                        text: "sample \(sample): channel \(index % all / plane) is not processed but changed"
                    ))
            }
        }
        return relativeError(outputs, expected, x.elementType)
            .map { BlockFigures(relative: $0, margin: margin) }
    }
}

extension DefinitionEvaluator.Routing {
    /// The k highest of each sample's scores, ties to the lower index.
    init(scores: [[Double]], _ k: Int) {
        var margin = Double.infinity
        var indices: [[Int]] = []
        for s in scores {
            let order = s.indices.sorted { s[$0] == s[$1] ? $0 < $1 : s[$0] > s[$1] }
            if k > 0, k < s.count { margin = min(margin, s[order[k - 1]] - s[order[k]]) }
            indices.append(order.prefix(k).sorted())
        }
        self.init(scores: scores, indices: indices, margin: margin)
    }
}
