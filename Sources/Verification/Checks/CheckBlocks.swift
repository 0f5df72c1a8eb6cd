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
    /// The block's input is taken from the run. `DefinitionEvaluator` derives from it which channels must be
    /// chosen and what the result must be. The chosen channels must be the same, except for scores closer
    /// than `Tolerance.scoreTie`; values are then compared under the run's own choice. Channels that the
    /// block does not process must leave it bit for bit as they entered, except for the sign of a zero, which
    /// the fast spelling's sum with zero clears.
    func checkBlocks(_ runs: Runs) throws -> VerificationCheck {
        guard let all = manifest?.blocks, !all.isEmpty else {
            return check(.blocks, .notApplicable, "the model has no MoD block")
        }
        let blocks = runs.blocks
        guard !blocks.isEmpty else { return check(.blocks, .notApplicable, "no MoD block can be run") }
        var details: [String] = []
        var (worst, margin) = (0.0, Double.infinity)
        let cases = blocks.flatMap { block in runs.samples.map { (block: block, values: $0.converted) } }
        let outcomes = try concurrentMap(0..<cases.count, threads: options.threads) {
            try compare(cases[$0].block, cases[$0].values)
        }
        for (block, outcome) in zip(cases.lazy.map(\.block), outcomes) {
            switch outcome {
            case .failure(let problem):
                return check(.blocks, .failed, "block \(block.scope): \(problem.text)", details: details)
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
            .blocks, blocks.count == all.count ? .passed : .inPart,
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

    /// Compares a block with the definition of its form.
    private func compare(
        _ block: MoDBlock, _ values: [String: Tensor]
    ) throws -> Result<BlockFigures, BlockProblem> {
        guard let x = values[block.values.input], let y = values[block.values.output], x.rank == 4,
            y.rank == 4, x.shape[0] == y.shape[0], x.shape[1] == block.form.channels,
            x.shape == y.shape || (block.values.shortcut != .identity && y.shape[1] == block.form.fused)
        else { return .failure(BlockProblem(text: "its shapes are not those of the manifest")) }
        let run = BlockRun(block: block, x: x, y: y, values: values)
        return switch block.form {
        case .routedPaper(let form): try comparePaper(run, form.body, isRouted: true)
        case .fixedPaper(let form): try comparePaper(run, form.body, isRouted: false)
        case .gatedHidden(let form):
            switch form.computation {
            case .dense: try compareDense(run, form)
            case .gathered: try compareGathered(run, form)
            }
        case .fixedHidden: try compareFixedHidden(run)
        case .routedHidden(let form): try compareRoutedHidden(run, form)
        case .fixedChannels: try compareFixedChannels(run)
        case .routedChannels(let form): try compareRoutedChannels(run, form)
        case .pairedChannels: try comparePairedChannels(run)
        case .dropped: try sumProblem(run, body: nil)
        }
    }

    /// A block with the values of one run.
    struct BlockRun {
        let block: MoDBlock
        /// X, [N, C, H, W].
        let x: Tensor
        /// Y, of the same shape unless the block changes width or resolution.
        let y: Tensor
        let values: [String: Tensor]
    }

    private func comparePaper(
        _ run: BlockRun, _ body: ChannelBody, isRouted: Bool
    ) throws -> Result<BlockFigures, BlockProblem> {
        let evaluator = DefinitionEvaluator(graph: converted.graph, block: run.block)
        let k = body.processed
        var indices = [[Int]](repeating: Array(0..<k), count: run.x.shape[0])
        var gates: [[Double]]?
        var margin = Double.infinity
        if isRouted {
            let routing = try evaluator.route(run.x)
            switch run.chosen(0, k, routing, self) {
            case .failure(let problem): return .failure(problem)
            case .success(let rows): indices = rows
            }
            margin = routing.margin
            gates = zip(indices, routing.scores).map { row, scores in row.map { scores[$0] } }
        }
        let result = try evaluator.bodyResult(run.x, indices: indices, gates: gates)
        return fusionProblem(run, k, result).map { BlockFigures(relative: $0, margin: margin) }
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

    /// Step 5: Y[:k] = body + X[:k], Y[k:] = X[k:]. Returns the relative error of Y, or the problem.
    private func fusionProblem(
        _ run: BlockRun, _ k: Int, _ body: [Double]
    ) -> Result<Double, BlockProblem> {
        let (x, y) = (run.x, run.y)
        guard let inputs = x.doubles, let outputs = y.doubles else {
            return .failure(BlockProblem(text: "its values are not numbers"))
        }
        let plane = x.shape[2] * x.shape[3]
        let (processed, all) = (k * plane, run.block.form.channels * plane)
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

    /// The relative error of a block's result Y, or the problem if it exceeds the tolerance of its type.
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

    /// Half-precision values have 11 bits: their rounding alone is 2^-11 for each operation.
    func tolerance(of type: ElementType) -> Double {
        type == .float16 ? 1e-2 : Tolerance.relative
    }

    static func exponential(_ x: Double) -> Double { exp(x) }
}

extension Verifier.BlockRun {
    /// The rows of one choice, if they are those of the highest scores.
    func chosen(
        _ choice: Int, _ count: Int, _ routing: DefinitionEvaluator.Routing, _ verifier: Verifier
    ) -> Result<[[Int]], Verifier.BlockProblem> {
        let batch = x.shape[0]
        guard block.values.choices.indices.contains(choice),
            let indices = values[block.values.choices[choice].indices]?.integers,
            indices.count == batch * count
        else { return .failure(Verifier.BlockProblem(text: "its indices are not [N, k] integers")) }
        let rows = (0..<batch).map { Array(indices[($0 * count)..<(($0 + 1) * count)]) }
        if let problem = verifier.routingProblem(rows, routing) { return .failure(problem) }
        return .success(rows)
    }
}
