import GraphIR
import MixtureOfDepths
import Operators

/// The measured cost of each way to reduce each block.
public struct Sensitivity: Sendable {
    /// One way to reduce a block.
    public struct Option: Sendable {
        /// Nil leaves the block as it is.
        public let block: PlannedBlock?
        /// Multiply-accumulates saved, for one sample.
        public let saved: Int
        /// The estimated share of the scores' variance that is lost.
        public let loss: Double
    }

    /// The ways to reduce one block; the first leaves it as it is.
    public struct Block: Sendable {
        /// The block's residual sum, `ConvBlock.closing`, and those of other uses of its weights.
        public let closings: [NodeID]
        /// The scope that the block's names share.
        public let scope: String
        /// The saving and the loss of each way.
        public let options: [Option]
    }

    /// The open blocks that calibration can reach, in topological order.
    public let blocks: [Block]
    /// The source's multiply-accumulates, for one sample.
    public let sourceMACs: Int

    /// The multiply-accumulates left for one sample if every block takes the option that saves most.
    public var leastMACs: Int {
        sourceMACs - blocks.reduce(0) { $0 + ($1.options.map(\.saved).max() ?? 0) }
    }

    /// The ratios that are tried.
    public static let ratios = [
        "0.875", "0.75", "0.625", "0.5", "0.375", "0.25", "0.125",
    ].compactMap { ModRatio($0) }

    /// A plan that meets a budget.
    public struct Choice: Sendable {
        /// Every open block decided.
        public let plan: MoDPlan
        /// By scope: each converted block's share of the estimated loss.
        public let shares: [String: Double]
    }

    /// The plan of the least estimated loss with at most `macs` multiply-accumulates.
    ///
    /// - Parameter plan: any plan of the graph that was measured.
    /// - Throws: `CalibrationError.noTarget` if the blocks cannot save that much.
    public func plan(_ plan: MoDPlan, macs: Int) throws(CalibrationError) -> Choice {
        let options = blocks.map { $0.options.map { Allocation.Option(saved: $0.saved, loss: $0.loss) } }
        guard let chosen = Allocation.choose(options, saving: sourceMACs - macs) else {
            throw .noTarget("the network cannot be brought below \(leastMACs) multiply-accumulates")
        }
        let picked = zip(blocks, chosen).map { ($0, $0.options[$1]) }
        let whole = picked.reduce(0) { $0 + $1.1.loss }
        // Calibration cannot reach a block that was not measured.
        var verdicts = Dictionary(
            uniqueKeysWithValues: plan.openEntries.map {
                ($0.block.closing, Verdict.keep(.offTheChain))
            })
        var shares: [String: Double] = [:]
        for (block, option) in picked {
            for closing in block.closings {
                verdicts[closing] = verdict(option, plan.calibratedBody(ofBlock: closing))
            }
            if option.block != nil { shares[block.scope] = whole > 0 ? option.loss / whole : 0 }
        }
        return Choice(plan: plan.deciding(verdicts), shares: shares)
    }

    /// - Parameter body: the block's own; the option's is that of the first use of its weights.
    private func verdict(_ option: Option, _ body: LayeredBody?) -> Verdict {
        guard case .calibrated(let form, _)? = option.block, let body else { return .keep(.budget) }
        return .convert(.calibrated(form, body))
    }
}

extension MoDPlan {
    /// The entries that a budget decides.
    fileprivate var openEntries: [Entry] {
        entries.filter { if case .open = $0.verdict { true } else { false } }
    }

    fileprivate func calibratedBody(ofBlock closing: NodeID) -> LayeredBody? {
        entries.first { $0.block.closing == closing }?.verdict.calibratedBody
    }
}

extension Sensitivity {
    /// Measures every convertible block of a plan.
    ///
    /// Each block is reduced by itself, on the source's activations, in every way that the recipe allows; e
    /// is the error of its output on held-out images. One run per block measures how such an error affects
    /// the scores: the block is left out, or as small as can be if it cannot be left out, and the rest of the
    /// network runs. The loss of an option is then taken as loss(out) * e / e(out).
    ///
    /// - Parameters:
    ///   - plan: a plan for a budget; its open blocks are measured.
    ///   - options: `rows` may be fewer than in the final calibration.
    public static func measure(
        _ plan: MoDPlan, _ graph: Graph, images: any CalibrationImages, options: CalibrationOptions,
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws -> Sensitivity {
        let schedule = try BlockSchedule(graph, plan)
        let recipe = try plan.calibratedRecipe
        let (fit, start) = try Calibrator.start(schedule, images, options, recipe)
        var source = start
        let reference = try scores(schedule, fit, source)
        let work = Workload(
            schedule, plan, fit, candidates: recipe.reduction?.ways.count ?? 0)
        var blocks: [Block] = []
        for (index, part) in schedule.parts.enumerated() {
            progress(CalibrationProgress(step: "sensitivity", share: work.share(before: index)))
            guard case .station(let shared) = part.content,
                let body = shared.entry.verdict.calibratedBody
            else {
                let session = try schedule.session(of: part, threads: fit.workers.count, fit.options.limits)
                for chunk in source.chunks.indices { try source.pass(part, chunk: chunk, by: session) }
                continue
            }
            let (entry, repeated) = (shared.entry, fit.repeated(shared.inputs.count))
            let block = BlockPart(graph, entry.block, body)
            let before = ActivationStream(
                joining: shared.inputs.compactMap(source.stream), fit.division)
            var output = before
            let record = try SourceRecord(block, repeated, moving: &output, isConverted: true)
            source.drop(part.lastReads)
            source.set(output, for: shared.outputs, fit.division)
            let fitter = BlockFitter(part: block, fit: repeated, record: record, current: before)
            let scale = try lossScale(entry, body, recipe, fitter, output) {
                var changed = LiveActivations(like: source)
                changed.set($0, for: shared.outputs, fit.division)
                let scores = try scores(schedule, fit, source, under: changed)
                return try loss(of: $0, fitter, output, scores, reference)
            }
            blocks.append(try measure(shared, body, recipe, fitter, output, scale, graph))
        }
        return Sensitivity(blocks: blocks, sourceMACs: MACCount(graph).total(.strict))
    }

    /// The block's options with their losses.
    private static func measure(
        _ shared: SharedBlock, _ body: LayeredBody, _ recipe: CalibratedRecipe, _ fitter: BlockFitter,
        _ source: ActivationStream, _ out: (error: Double, loss: Double), _ graph: Graph
    ) throws -> Block {
        let (entry, uses) = (shared.entry, shared.entries.count)
        guard let macs = BodyMACs(body, in: graph) else {
            throw CalibrationError.dynamicShape(entry.block.scope)
        }
        var found = [Option(block: nil, saved: 0, loss: 0)]
        func add(_ form: CalibratedForm, _ loss: Double) {
            found.append(
                Option(
                    block: .calibrated(form, body),
                    saved: uses * (macs.source - form.payload.macs(of: macs)), loss: loss))
        }
        if let reduction = recipe.reduction {
            for ratio in ratios {
                for way in reduction.ways where way.obstacle(entry.block, body) == nil {
                    let form = CalibratedForm(
                        body, entry.block, reduction, ratio, way, bias: recipe.bias)
                    let error = try fitter.error(try fitter.converted(to: form).fitted, against: source)
                    add(form, out.error > 0 ? out.loss * error / out.error : 0)
                }
            }
        }
        if entry.block.dropObstacle(in: graph) == nil {
            add(.dropped(Dropped(channels: entry.block.inputChannels ?? 0)), out.loss)
        }
        return Block(
            closings: shared.entries.map(\.block.closing), scope: entry.block.scope, options: found)
    }

    /// The error after a block that is left out, or reduced as far as possible, and what that costs.
    private static func lossScale(
        _ entry: MoDPlan.Entry, _ body: LayeredBody, _ recipe: CalibratedRecipe, _ fitter: BlockFitter,
        _ source: ActivationStream, _ loss: (ActivationStream) throws -> (error: Double, loss: Double)
    ) throws -> (error: Double, loss: Double) {
        guard entry.block.dropObstacle(in: fitter.part.graph) != nil, let reduction = recipe.reduction,
            let ratio = ratios.last
        else {
            return try loss(fitter.current)
        }
        let least = CalibratedForm(
            body, entry.block, reduction, ratio, .fixedHidden, bias: recipe.bias)
        var reduced = fitter.current
        try fitter.run(try fitter.converted(to: least).fitted, to: [entry.block.output]) {
            try reduced.set($1[0], chunk: $0)
        }
        return try loss(reduced)
    }

    /// The error of a block's output, and the share of the scores' variance that it costs: the mean over the
    /// ends.
    private static func loss(
        of output: ActivationStream, _ fitter: BlockFitter, _ source: ActivationStream,
        _ scores: [[Tensor]], _ reference: [[Tensor]]
    ) throws -> (error: Double, loss: Double) {
        var (distance, norm) = (0.0, 0.0)
        for chunk in fitter.fit.division.compared {
            let (d, n) = try output.chunks[chunk].squaredDistance(from: source.chunks[chunk])
            (distance, norm) = (distance + d, norm + n)
        }
        let ends = reference.first?.count ?? 0
        var loss = 0.0
        for end in 0..<ends {
            var (lost, whole) = (0.0, 0.0)
            for (mine, theirs) in zip(scores, reference) {
                let (d, n) = try mine[end].squaredDistance(from: theirs[end])
                (lost, whole) = (lost + d, whole + n)
            }
            if whole > 0 { loss += lost / whole / Double(ends) }
        }
        return (norm > 0 ? distance / norm : 0, loss)
    }

    /// The values at the ends that the rest of the network computes from what is held, by compared chunk.
    ///
    /// - Parameter changed: activations that take the place of the source's.
    private static func scores(
        _ schedule: BlockSchedule, _ fit: FitContext, _ source: LiveActivations,
        under changed: LiveActivations? = nil
    ) throws -> [[Tensor]] {
        guard
            let rest = schedule.nodes(
                to: schedule.ends, stoppingAt: { source.holds($0) || changed?.holds($0) == true })
        else { throw CalibrationError.notComparable(schedule.graph.name) }
        let session = try schedule.session(
            rest.nodes, rest.inputs, schedule.ends, threads: fit.workers.count, fit.options.limits)
        return try fit.division.compared.map { chunk in
            try session.run(
                changed?.inputs(rest.inputs, chunk: chunk, over: source)
                    ?? source.inputs(rest.inputs, chunk: chunk))
        }
    }
}
