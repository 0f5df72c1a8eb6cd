import GraphIR
import MixtureOfDepths
import Operators
import Tuning

/// The work of a calibration in multiply-accumulates, part by part, for an honest progress display.
struct Workload {
    /// Cumulative: the work before each part, and the total.
    private var sums: [Double] = [0]
    /// Of each part's work, the tuning, which comes last.
    private var tunings: [Double] = []

    init(
        _ schedule: BlockSchedule, _ plan: MoDPlan, _ fit: FitContext, candidates: Int
    ) {
        let count = MACCount(schedule.graph)
        let samples = Double(fit.division.chunks.last?.upperBound ?? 0)
        // The values that differ from the source's.
        var changed: Set<ValueID> = []
        for part in schedule.parts {
            var isConverted = part.inputs.contains(where: changed.contains)
            switch part.content {
            case .glue(let nodes):
                let macs = Double(count.total(.strict, of: Set(nodes)))
                add(macs * samples * (isConverted ? 2 : 1), tuning: 0)
            case .station(let shared):
                let entry = shared.entry
                let macs = Double(count.total(.strict, of: Set(shared.nodes))) * samples
                let isFitted: Bool
                if entry.verdict.isReduction {
                    isConverted = true
                    isFitted = true
                } else {
                    isFitted = isConverted && fit.weights.fitsFollowing
                }
                let tried = entry.verdict.isReduction ? Double(candidates) : 1
                // The source, the converted block in steps (half of it on average, three times), and the
                // move.
                let passes = isFitted ? 2 + tried * 1.5 : isConverted ? 2 : 1
                let solving = isFitted && fit.weights != .keep ? tried * fits(entry, schedule.graph, fit) : 0
                add(macs * passes + solving, tuning: Workload.tuning(entry, schedule.graph, fit))
            }
            if isConverted { changed.formUnion(part.outputs) }
        }
    }

    /// The share of the work that comes before a part.
    func share(before part: Int) -> Double {
        guard let all = sums.last, all > 0 else { return 0 }
        return sums[part] / all
    }

    /// The share of the work that is done when a part lacks only the rest of its tuning.
    func share(inside part: Int, tuned: Double) -> Double {
        guard let all = sums.last, all > 0 else { return 0 }
        return (sums[part + 1] - tunings[part] * (1 - tuned)) / all
    }

    private mutating func add(_ work: Double, tuning: Double) {
        sums.append((sums.last ?? 0) + work + tuning + 1)
        tunings.append(tuning)
    }

    /// The work of tuning a block: a step's pass backwards takes twice the work of the one forwards. The program does
    /// not run as fast as the runtime, which counts twice again.
    private static func tuning(_ entry: MoDPlan.Entry, _ graph: Graph, _ fit: FitContext) -> Double {
        guard fit.weights == .tune, case .convert(.calibrated(let form, let body)) = entry.verdict,
            !form.payload.hidden.isEmpty, let counts = BodyMACs(body, in: graph),
            let shape = graph[entry.block.output].shape,
            let pixels = Shape(Array(shape.dims.suffix(2))).elementCount
        else { return 0 }
        let settings = TuningSettings()
        // Routed hidden units are tuned as a whole body under masks.
        let macs = if case .routedHidden = form { counts.source } else { form.payload.macs(of: counts) }
        let images = settings.batch(pixels: pixels, images: fit.division.fittedSamples)
        let steps = settings.steps(work: macs, batch: images)
        return Double(macs) * Double(steps * images) * 3 * 2
    }

    /// The work of a block's normal equations: rows * p^2 / 2 for the Gram matrix and p^3 / 6 for its factor,
    /// counted twice because double precision takes twice the time.
    private func fits(_ entry: MoDPlan.Entry, _ graph: Graph, _ fit: FitContext) -> Double {
        guard case .success(let body) = LayeredBody.of(entry.block, in: graph) else { return 0 }
        let pixels = graph[entry.block.output].shape.flatMap { Shape(Array($0.dims.suffix(2))).elementCount }
        let rows = Double(min(fit.options.rows, (pixels ?? 1) * fit.division.fittedSamples))
        return body.layers.reduce(0) { sum, layer in
            let p = Double(layer.weightShape[1...].reduce(1, *))
            return sum + rows * p * p + p * p * p / 3
        }
    }
}
