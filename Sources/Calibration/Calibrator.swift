import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Computes the parameters of a plan's blocks from images, without labels and without training.
///
/// The network is walked once, block by block, with two streams of activations: those of the source and those
/// of the network as converted so far. Everything is solved in closed form; see docs/accuracy.md. Where the kind of
/// the blocks is left open, that is done for the best kind of each block, and for each kind in all of them.
public struct Calibrator {
    private let chain: NetworkChain
    private let fit: FitContext
    private let form: CalibratedForm
    /// What a block that the plan leaves open may become.
    private let kinds: [BlockKind]
    private let progress: (CalibrationProgress) -> Void

    private var source: ActivationStream
    /// Nil as long as the converted network is the source.
    private var converted: ActivationStream?
    private var plan: MoDPlan
    private var weights = CalibratedWeights()
    private var outcomes: [Calibration.Outcome] = []

    /// Calibrates `plan`, which must have been made for `graph` with a form.
    ///
    /// - Parameters:
    ///   - graph: canonical, BatchNormalization after convolutions folded.
    ///   - images: as the graph's input takes them; the first `options.samples` are used.
    ///   - progress: told what is done, now and then, from the calling thread.
    /// - Throws: `CalibrationError`; what running the network throws.
    public static func calibrate(
        _ plan: MoDPlan, _ graph: Graph, images: any CalibrationImages, options: CalibrationOptions,
        progress: (CalibrationProgress) -> Void = { _ in }
    ) throws -> Calibration {
        try withoutActuallyEscaping(progress) { progress in
            progress(CalibrationProgress(step: "images", share: 0))
            let chain = try NetworkChain(graph, plan)
            let form = plan.options.form ?? CalibratedForm()
            let (fit, source) = try start(chain, images, options, form)
            func calibration(_ kinds: [BlockKind], from start: Double, to end: Double) throws -> Calibration {
                var calibrator = Calibrator(plan, chain, fit, source, form, kinds) {
                    progress(CalibrationProgress(step: $0.step, share: start + (end - start) * $0.share))
                }
                return try calibrator.run()
            }
            guard form.kinds.count > 1, !plan.conversions.isEmpty else {
                return try calibration(form.kinds, from: 0, to: 1)
            }
            // What errs least block by block need not do so for the network: a mixture has to be better than one
            // kind for all blocks, too.
            var best = try calibration(form.kinds, from: 0, to: 0.5)
            let used = Set(best.outcomes.map(\.kind))
            for (index, kind) in form.kinds.enumerated() where used != [kind] {
                let start = 0.5 + 0.5 * Double(index) / Double(form.kinds.count)
                let other = try calibration([kind], from: start, to: start + 0.5 / Double(form.kinds.count))
                if other.score(options.routedAdvantage) <= best.score(options.routedAdvantage) {
                    best = other
                }
            }
            progress(CalibrationProgress(step: "done", share: 1))
            return best
        }
    }

    private init(
        _ plan: MoDPlan, _ chain: NetworkChain, _ fit: FitContext, _ source: ActivationStream,
        _ form: CalibratedForm, _ kinds: [BlockKind], _ progress: @escaping (CalibrationProgress) -> Void
    ) {
        self.chain = chain
        self.fit = fit
        self.source = source
        self.form = form
        self.kinds = kinds
        self.progress = progress
        self.plan = plan.keeping(outside: chain.blocks)
    }

    /// The images in chunks, and what all fits on them share.
    static func start(
        _ chain: NetworkChain, _ images: any CalibrationImages, _ options: CalibrationOptions,
        _ form: CalibratedForm
    ) throws -> (FitContext, ActivationStream) {
        let format = try ImageFormat(chain.graph)
        let samples = min(options.samples, images.count)
        guard samples >= max(2, format.batch ?? 1) else { throw CalibrationError.tooFewImages(samples) }
        let division = SampleDivision(
            samples: samples, chunk: Calibrator.chunk(chain), batch: format.batch)
        let chunks = try division.chunks.map { try images.batch(Array($0)) }
        return (FitContext(options, form.weights, division), ActivationStream(chunks: chunks))
    }

    /// Takes activations over a part of the network as the source has it.
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

    /// Whether a network's input is one that calibration can feed: float images of static size.
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
        let work = Workload(chain, plan, fit, form, kinds: kinds.count)
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

    /// A part that nothing changes.
    private mutating func pass(_ part: NetworkChain.Part) throws {
        try Calibrator.move(&source, over: part, of: chain, fit)
        guard var moved = converted else { return }
        try Calibrator.move(&moved, over: part, of: chain, fit)
        converted = moved
    }

    private mutating func pass(_ entry: MoDPlan.Entry, _ whole: NetworkChain.Part) throws {
        let block = entry.block
        guard case .success(let body) = LayeredBody.of(block, in: chain.graph) else { return try pass(whole) }
        let part = BlockPart(chain.graph, block, body)
        let current = converted ?? source
        guard case .convert(let shape) = entry.verdict else {
            guard converted != nil, form.weights == .refit else {
                return try pass(whole)
            }
            let record = try SourceRecord(part, fit, moving: &source, isConverted: false)
            let fitter = BlockFitter(part: part, fit: fit, record: record, current: current)
            let fitted = try fitter.standard()
            keep(fitted.parameters, part)
            return try move(fitter, fitted)
        }
        let record = try SourceRecord(part, fit, moving: &source, isConverted: shape.kind != .dropped)
        let fitter = BlockFitter(part: part, fit: fit, record: record, current: current)
        guard shape.kind != .dropped else {
            weights.blocks[block.closing] = CalibratedBlock(kind: .dropped, layers: [])
            outcomes.append(Calibration.Outcome(scope: block.scope, kind: .dropped, errors: []))
            converted = current
            return
        }
        try convert(entry, shape, fitter, body)
    }

    /// Tries the kinds that the block may become and takes the one that errs least.
    private mutating func convert(
        _ entry: MoDPlan.Entry, _ shape: MoDShape, _ fitter: BlockFitter, _ body: LayeredBody
    ) throws {
        var best: (fitted: BlockFitter.Fitted, block: CalibratedBlock, shape: MoDShape, score: Double)?
        var errors: [(kind: BlockKind, error: Double)] = []
        let kinds = form.kinds.contains(shape.kind) ? self.kinds : [shape.kind]
        for kind in kinds {
            var candidate = shape
            candidate.kind = kind
            let (fitted, block) = try fitter.converted(to: candidate)
            let error = try fitter.error(fitted, against: source)
            guard error.isFinite else { throw CalibrationError.notFinite(block: entry.block.scope) }
            errors.append((kind, error))
            let score = kind.isRouted ? error : error * fit.options.routedAdvantage
            if score < best?.score ?? .infinity { best = (fitted, block, candidate, score) }
        }
        guard let best else { throw CalibrationError.notFinite(block: entry.block.scope) }
        plan = plan.deciding([entry.block.closing: .convert(best.shape)])
        weights.blocks[entry.block.closing] = best.block
        outcomes.append(
            Calibration.Outcome(scope: entry.block.scope, kind: best.shape.kind, errors: errors))
        try move(fitter, best.fitted)
    }

    /// Keeps the fitted parameters of a block that stays.
    private mutating func keep(_ parameters: BlockPart.Parameters, _ part: BlockPart) {
        for (layer, fitted) in zip(part.body.layers, parameters.layers) {
            weights.refits[layer.convolution] = fitted
        }
        if let projection = part.projection { weights.refits[projection] = parameters.projection }
    }

    /// Takes the converted network's activations to behind the block.
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
    /// What alternatives are compared by: the error of the scores, less where nothing has to be gathered.
    fileprivate func score(_ routedAdvantage: Double) -> Double {
        comparison.error * (outcomes.contains { $0.kind.isRouted } ? 1 : routedAdvantage)
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

extension ConvBlock {
    /// All nodes of the block in topological order.
    func sortedNodes(in graph: Graph) -> [NodeID] {
        let nodes = Set(self.nodes)
        return graph.order.filter(nodes.contains)
    }
}

extension MoDPlan {
    /// The plan without conversions of blocks that calibration cannot reach.
    fileprivate func keeping(outside blocks: Set<NodeID>) -> MoDPlan {
        let unreachable = conversions.map(\.entry.block.closing).filter { !blocks.contains($0) }
        return deciding(
            Dictionary(uniqueKeysWithValues: unreachable.map { ($0, .keep(.offTheChain)) }))
    }
}
