import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Computes the parameters of a plan's blocks from images, without labels and without training.
///
/// The network is walked block by block, with two sets of activations: those of the source and those of
/// the network as converted so far. Everything is solved in closed form; see docs/accuracy.md. Where the
/// request leaves the way of reduction open, there are several walks: one with the best way of each block, one
/// in which no block chooses, and one in which all do. The best result wins. A network whose blocks choose is
/// also fitted without a choice, to show what the choice is worth. Where the request leaves the bias of samples open, the
/// first walk has it, a second one takes the same forms without it, and the closer network decides.
public struct Calibrator {
    let schedule: BlockSchedule
    let fit: FitContext
    /// The ways in which each block may be reduced.
    let ways: [ReductionWay]
    private let progress: (CalibrationProgress) -> Void

    var source: LiveActivations
    /// Holds only what differs from the source.
    var converted: LiveActivations
    var plan: MoDPlan
    var weights = CalibratedWeights()
    var outcomes: [Calibration.Outcome] = []

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
            // Once for all walks.
            let graph = try graph.inSinglePrecision()
            let schedule = try BlockSchedule(graph, plan)
            let recipe = try plan.calibratedRecipe
            let ways = recipe.reduction?.ways ?? []
            let (fit, source) = try start(schedule, images, options, recipe)
            let decidesBias = recipe.bias == .auto && !plan.conversions.isEmpty
            // Each way that a walk tries for each block counts once.
            let isOpen = ways.count > 1
            let others = isOpen ? ways.count : ways.first?.isRouted == true ? 1 : 0
            let all = max(1, ways.count) + others + (decidesBias ? 1 : 0)
            var done = 0
            func calibration(_ plan: MoDPlan, _ ways: [ReductionWay]) throws -> Calibration {
                let (start, size) = (Double(done) / Double(all), Double(max(1, ways.count)) / Double(all))
                // The parts of a schedule hold the plan's forms.
                let schedule = try BlockSchedule(graph, plan)
                var calibrator = Calibrator(plan, schedule, fit, source, ways) {
                    progress(CalibrationProgress(step: $0.step, share: min(1, start + size * $0.share)))
                }
                done += max(1, ways.count)
                return try calibrator.run()
            }
            var (plan, best) = (plan, try calibration(plan, ways))
            if decidesBias {
                let without = try calibration(best.plan.withoutBiases, [])
                let comparison = Calibration.BiasComparison(
                    with: best.comparison, without: without.comparison)
                if !comparison.isTaken { (plan, best) = (plan.withoutBiases, without) }
                best.bias = comparison
            }
            guard !plan.conversions.isEmpty, let first = ways.first else { return best }
            if !isOpen {
                guard first.isRouted else { return best }
                let fixed = try calibration(plan, [first.fixed])
                best.alternative = Calibration.Alternative(isRouted: false, comparison: fixed.comparison)
                return best
            }
            // The least error block by block need not be the least for the network: a mixture must beat all
            // blocks fixed, and all routed, too.
            let mixed = best
            var alternatives: [(isRouted: Bool, calibration: Calibration)] = []
            for isRouted in [false, true] {
                let same = ways.filter { $0.isRouted == isRouted }
                guard mixed.outcomes.contains(where: { $0.form.differs(from: same) }) else { continue }
                let other = try calibration(plan, same)
                alternatives.append((isRouted, other))
                if other.score(options.routedAdvantage) <= best.score(options.routedAdvantage) {
                    best = other
                }
            }
            best.bias = mixed.bias
            let alternative = alternatives.first { $0.isRouted != best.isRouted }
            best.alternative = alternative.map {
                Calibration.Alternative(isRouted: $0.isRouted, comparison: $0.calibration.comparison)
            }
            progress(CalibrationProgress(step: "done", share: 1))
            return best
        }
    }

    private init(
        _ plan: MoDPlan, _ schedule: BlockSchedule, _ fit: FitContext, _ source: LiveActivations,
        _ ways: [ReductionWay], _ progress: @escaping (CalibrationProgress) -> Void
    ) {
        self.schedule = schedule
        self.fit = fit
        self.source = source
        converted = LiveActivations(like: source)
        self.ways = ways
        self.progress = progress
        self.plan = plan.keeping(outside: schedule.blocks)
    }

    /// The plan without conversions of blocks that calibration cannot reach: those that cannot be computed
    /// from the network's input for each sample.
    ///
    /// - Throws: `CalibrationError.notRunnable` or `notComparable` for a network that calibration cannot follow at all.
    public static func reachable(_ plan: MoDPlan, _ graph: Graph) throws(CalibrationError) -> MoDPlan {
        plan.keeping(outside: try BlockSchedule(graph, plan).blocks)
    }

    /// Splits the images into chunks and prepares the state that all fits share.
    static func start(
        _ schedule: BlockSchedule, _ images: any CalibrationImages, _ options: CalibrationOptions,
        _ recipe: CalibratedRecipe
    ) throws -> (FitContext, LiveActivations) {
        let inputs = try NetworkInputs(schedule.graph, images)
        let batch = inputs.format.batch
        let samples = min(options.samples, inputs.count)
        guard samples >= max(2, batch ?? 1) else { throw CalibrationError.tooFewImages(samples) }
        let division = SampleDivision(
            samples: samples, chunk: Calibrator.chunk(schedule.graph), batch: batch)
        let chunks = try division.chunks.enumerated().map { chunk, samples in
            try inputs.batch(Array(samples), in: division.circle(ofChunk: chunk))
        }
        return (
            FitContext(options, recipe.weights, division),
            try LiveActivations(
                chunks, at: schedule.inputs, in: schedule.store(samples: samples, options.limits))
        )
    }

    /// Whether calibration can feed the network's input: float images of static size.
    public static func canFollow(_ graph: Graph) -> Bool { (try? ImageFormat(graph)) != nil }

    /// As many samples as keep the largest activation of a chunk at 32 MiB, at most 64.
    private static func chunk(_ graph: Graph) -> Int {
        let largest = graph.values.compactMap { value -> Int? in
            guard value.constant == nil, let dims = value.shape?.dims.dropFirst() else { return nil }
            return Shape(Array(dims)).elementCount
        }.max()
        return min(64, max(1, (1 << 23) / max(1, largest ?? 1)))
    }

    private mutating func run() throws -> Calibration {
        let work = Workload(schedule, plan, fit, candidates: max(1, ways.count))
        for (index, part) in schedule.parts.enumerated() {
            progress(CalibrationProgress(step: part.content.name, share: work.share(before: index)))
            switch part.content {
            case .glue: try pass(part)
            case .station(let shared):
                try pass(shared, part) { [progress] tuned in
                    progress(
                        CalibrationProgress(
                            step: "tuning \(shared.entry.block.scope)",
                            share: work.share(inside: index, tuned: tuned)))
                }
            }
        }
        progress(CalibrationProgress(step: "done", share: 1))
        return Calibration(
            plan: plan, weights: weights, outcomes: outcomes, comparison: try comparison(),
            activations: Calibration.Activations(
                images: fit.division.samples, bytes: schedule.activationBytes(samples: fit.division.samples),
                areInFiles: source.store != .memory))
    }
}

extension Calibration {
    /// The measure that alternatives are compared by: how far the output is from the source's, with an advantage for
    /// a network that gathers nothing. Squared errors of scores mislead (docs/accuracy.md).
    fileprivate func score(_ routedAdvantage: Double) -> Double {
        comparison.divergence * (isRouted ? 1 : routedAdvantage)
    }

    /// Whether any block chooses for each sample.
    fileprivate var isRouted: Bool { outcomes.contains { $0.form.form.isRouted } }
}

extension Calibration.BiasComparison {
    /// The bias is taken if the scores are closer to the source's with it.
    fileprivate init(with: Calibration.Comparison, without: Calibration.Comparison) {
        self.init(isTaken: with.divergence < without.divergence, with: with, without: without)
    }
}

extension CalibratedForm {
    /// Whether the block could be reduced in one of these ways, and is not.
    fileprivate func differs(from ways: [ReductionWay]) -> Bool {
        let forms = ways.compactMap(inWay)
        return !forms.isEmpty && !forms.contains(self)
    }
}

extension BlockSchedule.Part.Content {
    fileprivate var name: String {
        switch self {
        case .glue: "between blocks"
        case .station(let shared): "block \(shared.entry.block.scope)"
        }
    }
}
