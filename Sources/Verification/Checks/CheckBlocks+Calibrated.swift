import GraphIR
import MixtureOfDepths

extension Verifier {
    /// A calibrated block against its definition: routing first, values second.
    func compareCalibrated(
        _ block: Manifest.Block, _ kind: BlockKind, _ values: [String: Tensor]
    ) throws -> Result<BlockFigures, BlockProblem> {
        guard let x = values[block.input], let y = values[block.output], x.rank == 4, x.shape == y.shape,
            x.shape[1] == block.channels, let fused = block.fused, (0...block.channels).contains(fused)
        else { return .failure(BlockProblem(text: "its shapes are not those of the manifest")) }
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: block)
        var margin = Double.infinity
        var body: Tensor?
        switch kind {
        case .paper, .gatedHidden: return .failure(BlockProblem(text: "its kind is not known"))
        case .dropped: break
        case .fixedHidden:
            body = try DefinitionEvaluator(graph: converted.graph, block: block)
                .evaluateBody([block.gathered: evaluator.features(x).tensor])
        case .fixedChannels:
            guard let channels = try evaluator.fixedChannels(),
                channels.allSatisfy((0..<block.channels).contains)
            else { return .failure(BlockProblem(text: "it gathers no channels of its input")) }
            body = try evaluator.narrowBody(
                evaluator.features(x), channels: [[Int]](repeating: channels, count: x.shape[0]))
        case .routedChannels, .routedHidden:
            let features = try evaluator.features(x)
            let counts = kind == .routedHidden ? block.hidden : [block.processed]
            guard let routes = block.routes, routes.count == counts.count else {
                return .failure(BlockProblem(text: "it has no routes as described"))
            }
            var chosen: [[[Int]]] = []
            for (route, count) in zip(routes, counts) {
                guard let indices = values[route.indices]?.integers, indices.count == x.shape[0] * count
                else { return .failure(BlockProblem(text: "its indices are not [N, k] integers")) }
                let rows = (0..<x.shape[0]).map { Array(indices[($0 * count)..<(($0 + 1) * count)]) }
                let routing = DefinitionEvaluator.Routing(
                    scores: try evaluator.scores(route, features), count)
                if let problem = routingProblem(rows, routing) { return .failure(problem) }
                margin = min(margin, routing.margin)
                chosen.append(rows)
            }
            body =
                try kind == .routedHidden
                ? evaluator.routedBody(features, units: chosen)
                : evaluator.narrowBody(features, channels: chosen[0])
        }
        return try sumProblem(block, x, y, body.map(evaluator.doubles), fused: fused)
            .map { BlockFigures(relative: $0, margin: margin) }
    }

    /// Y = act(X + body) in the first `fused` channels and act(X) in the others, where act is the activation
    /// that the file has after the sum; the relative error of Y, or what is wrong.
    func sumProblem(
        _ block: Manifest.Block, _ x: Tensor, _ y: Tensor, _ body: [Double]?, fused: Int
    ) throws -> Result<Double, BlockProblem> {
        guard var expected = x.doubles, let outputs = y.doubles else {
            return .failure(BlockProblem(text: "its values are not numbers"))
        }
        let plane = x.shape[2] * x.shape[3]
        let (part, all) = (fused * plane, block.channels * plane)
        if let body {
            guard body.count == x.shape[0] * part else {
                return .failure(BlockProblem(text: "its body does not give \(fused) channels"))
            }
            for sample in 0..<x.shape[0] {
                for index in 0..<part { expected[sample * all + index] += body[sample * part + index] }
            }
        }
        let definition = DefinitionEvaluator(graph: converted.graph, block: block)
        let sum = try definition.cast(Tensor(shape: x.shape, expected), to: x.elementType)
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
