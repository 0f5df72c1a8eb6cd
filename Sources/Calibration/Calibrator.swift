import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Computes the parameters of a plan's blocks from images, without labels and without training.
///
/// The network is walked block by block, with two streams of activations: those of the source and those of
/// the network as converted so far. Everything is solved in closed form; see docs/accuracy.md. Where the
/// request leaves the way of reduction open, there are several walks: one with the best way of each block, one
/// in which no block chooses, and one in which all do. The best result wins. A network whose blocks choose is
/// also fitted without a choice, to show what the choice is worth.
public struct Calibrator {
    private let chain: NetworkChain
    private let fit: FitContext
    /// The ways in which each block may be reduced.
    private let ways: [ReductionWay]
    private let progress: (CalibrationProgress) -> Void

    private var source: ActivationStream
    /// Nil as long as the converted network equals the source.
    private var converted: ActivationStream?
    private var plan: MoDPlan
    private var weights = CalibratedWeights()
    private var outcomes: [Calibration.Outcome] = []

    /// Calibrates `plan`, which must have been made for `graph` by the calibrated recipe.
    ///
    /// - Parameters:
    ///   - graph: canonical, with BatchNormalization folded into the convolutions before it.
    ///   - images: in the form that the graph's input takes; the first `options.samples` are used.
    ///   - progress: called now and then with the progress, from the calling thread.
    /// - Throws: `CalibrationError`; any error of running the network.
    public static func calibrate(
        _ plan: MoDPlan, _ graph: Graph, images: any CalibrationImages, options: CalibrationOptions,
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws -> Calibration {
        try withoutActuallyEscaping(progress) { progress in
            progress(CalibrationProgress(step: "images", share: 0))
            let chain = try NetworkChain(graph, plan)
            let recipe = try plan.calibratedRecipe
            let ways = recipe.reduction?.ways ?? []
            let (fit, source) = try start(chain, images, options, recipe)
            func calibration(_ ways: [ReductionWay], from start: Double, to end: Double) throws -> Calibration
            {
                var calibrator = Calibrator(plan, chain, fit, source, ways) {
                    progress(CalibrationProgress(step: $0.step, share: start + (end - start) * $0.share))
                }
                return try calibrator.run()
            }
            guard !plan.conversions.isEmpty, let first = ways.first else {
                return try calibration(ways, from: 0, to: 1)
            }
            var best = try calibration(ways, from: 0, to: 0.5)
            if ways.count == 1 {
                guard first.isRouted else { return best }
                let fixed = try calibration([first.fixed], from: 0.5, to: 1)
                best.alternative = Calibration.Alternative(isRouted: false, comparison: fixed.comparison)
                return best
            }
            // The least error block by block need not be the least for the network: a mixture must beat all
            // blocks fixed, and all routed, too.
            let mixed = best
            var others: [(isRouted: Bool, calibration: Calibration)] = []
            for (index, isRouted) in [false, true].enumerated() {
                let same = ways.filter { $0.isRouted == isRouted }
                guard mixed.outcomes.contains(where: { $0.form.differs(from: same) }) else { continue }
                let start = 0.5 + 0.25 * Double(index)
                let other = try calibration(same, from: start, to: start + 0.25)
                others.append((isRouted, other))
                if other.score(options.routedAdvantage) <= best.score(options.routedAdvantage) {
                    best = other
                }
            }
            let alternative = others.first { $0.isRouted != best.isRouted }
            best.alternative = alternative.map {
                Calibration.Alternative(isRouted: $0.isRouted, comparison: $0.calibration.comparison)
            }
            progress(CalibrationProgress(step: "done", share: 1))
            return best
        }
    }

    private init(
        _ plan: MoDPlan, _ chain: NetworkChain, _ fit: FitContext, _ source: ActivationStream,
        _ ways: [ReductionWay], _ progress: @escaping (CalibrationProgress) -> Void
    ) {
        self.chain = chain
        self.fit = fit
        self.source = source
        self.ways = ways
        self.progress = progress
        self.plan = plan.keeping(outside: chain.blocks)
    }

    /// The plan without conversions of blocks that calibration cannot reach: those outside of the one chain from the
    /// network's input to an output, or to the last block that one chain reaches.
    ///
    /// - Throws: `CalibrationError.notAChain` for a network that is not a chain.
    public static func reachable(_ plan: MoDPlan, _ graph: Graph) throws(CalibrationError) -> MoDPlan {
        plan.keeping(outside: try NetworkChain(graph, plan).blocks)
    }

    /// Splits the images into chunks and prepares the state that all fits share.
    static func start(
        _ chain: NetworkChain, _ images: any CalibrationImages, _ options: CalibrationOptions,
        _ recipe: CalibratedRecipe
    ) throws -> (FitContext, ActivationStream) {
        let format = try ImageFormat(chain.graph)
        let samples = min(options.samples, images.count)
        guard samples >= max(2, format.batch ?? 1) else { throw CalibrationError.tooFewImages(samples) }
        let division = SampleDivision(
            samples: samples, chunk: Calibrator.chunk(chain), batch: format.batch)
        let chunks = try division.chunks.map { try images.batch(Array($0)) }
        return (FitContext(options, recipe.weights, division), ActivationStream(chunks: chunks))
    }

    /// Moves activations over a part of the network, unchanged from the source.
    static func move(
        _ stream: inout ActivationStream, over part: NetworkChain.Part, of chain: NetworkChain,
        _ fit: FitContext
    ) throws {
        let session: PartSession
        switch part {
        case .glue(let nodes, let from, let to):
            session = try chain.session(nodes, from, to, fit)
        case .block(let entry):
            let block = entry.block
            session = try chain.session(
                block.sortedNodes(in: chain.graph), block.input, block.output, fit)
        }
        try stream.update { _, x in try session.run(["x": x])[0] }
    }

    /// Whether calibration can feed the network's input: float images of static size.
    public static func canFollow(_ graph: Graph) -> Bool { (try? ImageFormat(graph)) != nil }

    /// As many samples as keep the largest activation of a chunk at 32 MiB, at most 64.
    private static func chunk(_ chain: NetworkChain) -> Int {
        let largest = chain.graph.values.compactMap { value -> Int? in
            guard value.constant == nil, let dims = value.shape?.dims.dropFirst() else { return nil }
            return Shape(Array(dims)).elementCount
        }.max()
        return min(64, max(1, (1 << 23) / max(1, largest ?? 1)))
    }

    private mutating func run() throws -> Calibration {
        let work = Workload(chain, plan, fit, candidates: max(1, ways.count))
        for (index, part) in chain.parts.enumerated() {
            progress(CalibrationProgress(step: part.name, share: work.share(before: index)))
            switch part {
            case .glue: try pass(part)
            case .block(let entry): try pass(entry, part)
            }
        }
        progress(CalibrationProgress(step: "done", share: 1))
        return Calibration(
            plan: plan, weights: weights, outcomes: outcomes, comparison: try comparison())
    }

    // MARK: Parts

    /// Passes a part that conversion does not change.
    private mutating func pass(_ part: NetworkChain.Part) throws {
        try Calibrator.move(&source, over: part, of: chain, fit)
        guard var moved = converted else { return }
        try Calibrator.move(&moved, over: part, of: chain, fit)
        converted = moved
    }

    private mutating func pass(_ entry: MoDPlan.Entry, _ whole: NetworkChain.Part) throws {
        let block = entry.block
        let current = converted ?? source
        guard case .convert(.calibrated(let form, let body)) = entry.verdict else {
            guard converted != nil, fit.weights == .refit,
                case .success(let body) = LayeredBody.of(block, in: chain.graph)
            else { return try pass(whole) }
            let part = BlockPart(chain.graph, block, body)
            let record = try SourceRecord(part, fit, moving: &source, isConverted: false)
            let fitter = BlockFitter(part: part, fit: fit, record: record, current: current)
            let fitted = try fitter.standard()
            keep(fitted.parameters, part)
            return try move(fitter, fitted)
        }
        let part = BlockPart(chain.graph, block, body)
        let record = try SourceRecord(part, fit, moving: &source, isConverted: !form.payload.hidden.isEmpty)
        let fitter = BlockFitter(part: part, fit: fit, record: record, current: current)
        try convert(entry, form, body, fitter)
    }

    /// Tries the ways in which the block may be reduced and takes the one with the least error.
    private mutating func convert(
        _ entry: MoDPlan.Entry, _ form: CalibratedForm, _ body: LayeredBody, _ fitter: BlockFitter
    ) throws {
        var candidates = ways.filter { $0.obstacle(entry.block, body) == nil }.compactMap(form.inWay)
        if candidates.isEmpty { candidates = [form] }
        var best: (fitted: BlockFitter.Fitted, block: FittedBlock, score: Double)?
        var errors: [(form: CalibratedForm, error: Double)] = []
        for candidate in candidates {
            let (fitted, block) = try fitter.converted(to: candidate)
            let error = try fitter.error(fitted, against: source)
            guard error.isFinite else { throw CalibrationError.notFinite(block: entry.block.scope) }
            errors.append((candidate, error))
            let score = candidate.form.isRouted ? error : error * fit.options.routedAdvantage
            if score < best?.score ?? .infinity { best = (fitted, block, score) }
        }
        guard let best else { throw CalibrationError.notFinite(block: entry.block.scope) }
        plan = plan.deciding([entry.block.closing: .convert(.calibrated(best.block.form, body))])
        weights.blocks[entry.block.closing] = best.block
        if fit.weights != .keep, let projection = fitter.part.projection {
            weights.refits[projection] = best.fitted.parameters.projection
        }
        outcomes.append(
            Calibration.Outcome(scope: entry.block.scope, form: best.block.form, errors: errors))
        try move(fitter, best.fitted)
    }

    /// Keeps the fitted parameters of a block that stays.
    private mutating func keep(_ parameters: BlockPart.Parameters, _ part: BlockPart) {
        for (layer, fitted) in zip(part.body.layers, parameters.layers) where layer.groups == 1 {
            weights.refits[layer.convolution] = fitted
        }
        if let projection = part.projection { weights.refits[projection] = parameters.projection }
    }

    /// Moves the converted network's activations to the block's output.
    private mutating func move(_ fitter: BlockFitter, _ fitted: BlockFitter.Fitted) throws {
        var moved = fitter.current
        try fitter.run(fitted) { chunk, y in moved.chunks[chunk] = y }
        converted = moved
    }

    /// The two streams after the last part, on the samples that alternatives are compared on.
    private func comparison() throws -> Calibration.Comparison {
        var comparison = ScoreComparison()
        for chunk in fit.division.compared {
            try comparison.add((converted ?? source).chunks[chunk], reference: source.chunks[chunk])
        }
        return Calibration.Comparison(
            isOfOutput: chain.isWhole, samples: comparison.samples, isHeldOut: !fit.division.heldOut.isEmpty,
            agreement: comparison.agreement, cosine: comparison.meanCosine,
            error: comparison.relativeError)
    }
}

extension Calibration {
    /// The measure that alternatives are compared by: the error of the scores, with an advantage for a
    /// network that gathers nothing.
    fileprivate func score(_ routedAdvantage: Double) -> Double {
        comparison.error * (isRouted ? 1 : routedAdvantage)
    }

    /// Whether any block chooses for each sample.
    fileprivate var isRouted: Bool { outcomes.contains { $0.form.form.isRouted } }
}

extension CalibratedForm {
    /// Whether the block could be reduced in one of these ways, and is not.
    fileprivate func differs(from ways: [ReductionWay]) -> Bool {
        let forms = ways.compactMap(inWay)
        return !forms.isEmpty && !forms.contains(self)
    }
}

extension NetworkChain.Part {
    fileprivate var name: String {
        switch self {
        case .glue: "between blocks"
        case .block(let entry): "block \(entry.block.scope)"
        }
    }
}
