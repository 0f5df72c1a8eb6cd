import GraphIR
import MixtureOfDepths
import Operators

/// The work of a calibration in multiply-accumulates, part by part, for an honest progress display.
struct Workload {
    /// Cumulative: the work before each part, and the total.
    private var sums: [Double] = [0]

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
                add(macs * samples * (isConverted ? 2 : 1))
            case .station(let entry):
                let macs = Double(count.total(.strict, of: Set(entry.block.nodes))) * samples
                let isFitted: Bool
                if entry.verdict.isReduction {
                    isConverted = true
                    isFitted = true
                } else {
                    isFitted = isConverted && fit.weights == .refit
                }
                let tried = entry.verdict.isReduction ? Double(candidates) : 1
                // The source, the converted block in steps (half of it on average, three times), and the
                // move.
                let passes = isFitted ? 2 + tried * 1.5 : isConverted ? 2 : 1
                let solving = isFitted && fit.weights != .keep ? tried * fits(entry, schedule.graph, fit) : 0
                add(macs * passes + solving)
            }
            if isConverted { changed.formUnion(part.outputs) }
        }
    }

    /// The share of the work that comes before a part.
    func share(before part: Int) -> Double {
        guard let all = sums.last, all > 0 else { return 0 }
        return sums[part] / all
    }

    private mutating func add(_ work: Double) { sums.append((sums.last ?? 0) + work + 1) }

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
