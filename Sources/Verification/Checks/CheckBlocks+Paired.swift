import GraphIR
import MixtureOfDepths

/// Blocks of paired channels: first the higher one of each pair, from the manifest's pairs and the scores of
/// the definition; then the body's values on those channels.
extension Verifier {
    func comparePairedChannels(_ run: BlockRun) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = CalibratedEvaluator(graph: converted.graph, block: run.block)
        guard let choice = run.block.values.choices.first, let pairs = choice.pairs else {
            return .failure(BlockProblem(text: "it has no pairs as described"))
        }
        let features = try evaluator.features(run.x)
        let scores = try evaluator.scores(choice, features)
        let count = pairs.first.count
        guard let taken = run.values[choice.indices]?.integers, taken.count == scores.count * count else {
            return .failure(BlockProblem(text: "its choice is not one of two for each pair"))
        }
        var channels: [[Int]] = []
        var margin = Double.infinity
        for (sample, scores) in scores.enumerated() {
            let row = taken[(sample * count)..<((sample + 1) * count)].map { $0 != 0 }
            for (pair, (found, expected)) in zip(row, pairs.takesSecond(scores)).enumerated() {
                let (first, second) = (pairs.first[pair], pairs.second[pair])
                let distance = abs(scores[first] - scores[second])
                margin = min(margin, distance)
                guard found == expected || distance <= Tolerance.scoreTie * max(1, abs(scores[first])) else {
                    return .failure(
                        BlockProblem(
                            text: "sample \(sample): routing differs first at the pair of channels \(first) "
                                + "(score \(scores[first])) and \(second) (\(scores[second]))"))
                }
            }
            channels.append(pairs.channels(takingSecond: row))
        }
        let body = try evaluator.narrowBody(features, channels: channels)
        return try sumProblem(run, body: evaluator.doubles(body), margin: margin)
    }
}
