import GraphIR
import MixtureOfDepths

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Verifier {
    /// Check 4: each MoD block against its definition: routing first, values second.
    ///
    /// The block's input is taken from the run; from it, `DefinitionEvaluator` derives which channels must be
    /// chosen and what must come out. The chosen channels must be the same, but for scores closer than
    /// `Tolerance.scoreTie`; values are then compared under the run's own choice. Channels that the block
    /// does not process must leave it bit by bit as they entered, but for the sign of a zero, which the sum with
    /// zero of the fast spelling clears.
    func checkBlocks(_ runs: Runs) throws -> VerificationCheck {
        let title = "MoD blocks compute their definition"
        guard let all = manifest?.blocks, !all.isEmpty else {
            return check(4, title, .notApplicable, "the model has no MoD block")
        }
        let blocks = runs.blocks
        guard !blocks.isEmpty else { return check(4, title, .notApplicable, "no MoD block can be run") }
        var details: [String] = []
        var (worst, margin) = (0.0, Double.infinity)
        let cases = blocks.flatMap { block in runs.samples.map { (block: block, values: $0.converted) } }
        let outcomes = try concurrentMap(0..<cases.count, threads: options.threads) {
            try compare(cases[$0].block, cases[$0].values)
        }
        for (block, outcome) in zip(cases.lazy.map(\.block), outcomes) {
            switch outcome {
            case .failure(let problem):
                return check(4, title, .failed, "block \(block.scope): \(problem.text)", details: details)
            case .success(let figures):
                worst = max(worst, figures.relative)
                margin = min(margin, figures.margin)
                details.append(
                    "\(block.scope): max relative error \(text(figures.relative))"
                        + (figures.margin.isFinite ? ", margin \(text(figures.margin))" : ""))
            }
        }
        let routing = margin.isFinite ? "routing equal (smallest top-k margin \(text(margin))), " : ""
        let count = blocks.count == all.count ? "\(all.count)" : "\(blocks.count) of \(all.count)"
        return check(
            4, title, blocks.count == all.count ? .passed : .inPart,
            "\(count) blocks: \(routing)max relative error \(text(worst)) "
                + "(tolerance \(text(Tolerance.relative))), unprocessed channels bit-identical",
            details: details,
            figures: ["blocks": Double(blocks.count), "relative": worst, "margin": margin])
    }

    struct BlockProblem: Error {
        let text: String
    }

    struct BlockFigures {
        let relative: Double
        let margin: Double
    }

    private func compare(
        _ block: Manifest.Block, _ values: [String: Tensor]
    ) throws -> Result<BlockFigures, BlockProblem> {
        guard let kind = block.blockKind else {
            return .failure(BlockProblem(text: "its kind is not known"))
        }
        if kind == .gatedHidden { return try compareGated(block, values) }
        guard kind == .paper else { return try compareCalibrated(block, kind, values) }
        guard let x = values[block.input], let y = values[block.output], x.rank == 4, x.shape == y.shape,
            x.shape[1] == block.channels, (1...block.channels).contains(block.processed)
        else { return .failure(BlockProblem(text: "its shapes are not those of the manifest")) }
        let evaluator = DefinitionEvaluator(graph: converted.graph, block: block)
        let batch = x.shape[0]
        var indices = [[Int]](repeating: Array(0..<block.processed), count: batch)
        var gates: [[Double]]?
        var margin = Double.infinity
        if let name = block.indices {
            let routing = try evaluator.route(x)
            guard let chosen = values[name]?.integers, chosen.count == batch * block.processed else {
                return .failure(BlockProblem(text: "its indices are not [N, k] integers"))
            }
            indices = (0..<batch).map {
                Array(chosen[($0 * block.processed)..<(($0 + 1) * block.processed)])
            }
            if let problem = routingProblem(indices, routing) { return .failure(problem) }
            margin = routing.margin
            gates = zip(indices, routing.scores).map { row, scores in row.map { scores[$0] } }
        }
        let body = try evaluator.bodyResult(x, indices: indices, gates: gates)
        return fusionProblem(block, x, y, body).map { BlockFigures(relative: $0, margin: margin) }
    }

    /// The first sample whose channels are not the k highest.
    func routingProblem(_ indices: [[Int]], _ routing: DefinitionEvaluator.Routing) -> BlockProblem? {
        for (sample, row) in indices.enumerated() {
            let expected = routing.indices[sample]
            let scores = routing.scores[sample]
            guard Set(row).count == expected.count, row == row.sorted(),
                row.allSatisfy(scores.indices.contains)
            else { return BlockProblem(text: "sample \(sample): indices are not ascending channels") }
            let (missing, extra) = (
                Set(expected).subtracting(row).sorted(), Set(row).subtracting(expected).sorted()
            )
            guard let lowest = missing.map({ scores[$0] }).max(),
                let highest = extra.map({ scores[$0] }).min()
            else { continue }
            guard lowest - highest <= Tolerance.scoreTie * max(1, abs(lowest)) else {
                return BlockProblem(
                    text: "sample \(sample): routing differs first at channel \(missing[0]) "
                        + "(score \(lowest) not chosen, \(highest) chosen)")
            }
        }
        return nil
    }

    /// Step 5: Y[:k] = body + X[:k], Y[k:] = X[k:]; the relative error of Y, or what is wrong.
    private func fusionProblem(
        _ block: Manifest.Block, _ x: Tensor, _ y: Tensor, _ body: [Double]
    ) -> Result<Double, BlockProblem> {
        guard let inputs = x.doubles, let outputs = y.doubles else {
            return .failure(BlockProblem(text: "its values are not numbers"))
        }
        let plane = x.shape[2] * x.shape[3]
        let (processed, all) = (block.processed * plane, block.channels * plane)
        var expected = inputs
        for sample in 0..<x.shape[0] {
            for index in 0..<processed {
                expected[sample * all + index] += body[sample * processed + index]
            }
            for index in (sample * all + processed)..<((sample + 1) * all)
            where outputs[index].bitPattern != inputs[index].bitPattern
                && !(outputs[index] == 0 && inputs[index] == 0)
            {
                let channel = index % all / plane
                return .failure(
                    BlockProblem(text: "sample \(sample): channel \(channel) is not processed but changed"))
            }
        }
        return relativeError(outputs, expected, x.elementType)
    }

    /// The relative error of a block's result Y, or that it is beyond the tolerance of its type.
    func relativeError(
        _ outputs: [Double], _ expected: [Double], _ type: ElementType
    ) -> Result<Double, BlockProblem> {
        let difference = Difference(outputs, expected)
        guard difference.relative <= tolerance(of: type) else {
            return .failure(
                BlockProblem(
                    text: "values differ from the definition: max abs \(text(difference.maxAbsolute)), "
                        + "relative \(text(difference.relative))"))
        }
        return .success(difference.relative)
    }

    /// Half-precision values carry 11 bits: their rounding alone is 2^-11 for each operation.
    func tolerance(of type: ElementType) -> Double {
        type == .float16 ? 1e-2 : Tolerance.relative
    }

    static func exponential(_ x: Double) -> Double { exp(x) }
}
