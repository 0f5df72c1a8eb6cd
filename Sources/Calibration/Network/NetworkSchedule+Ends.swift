import GraphIR
import MixtureOfDepths

/// The schedule of a conversion: its stations are the blocks.
typealias BlockSchedule = NetworkSchedule<SharedBlock>

extension BlockSchedule {
    /// The parts that compute the plan's blocks, in float32, and the values that networks are compared by.
    ///
    /// - Throws: `CalibrationError.notRunnable` or `notComparable` if the network has neither a block nor an output that
    ///   can be computed for each sample.
    init(_ graph: Graph, _ plan: MoDPlan) throws(CalibrationError) {
        let graph = try graph.inSinglePrecision()
        try self.init(graph, SharedBlock.all(in: plan.entries, of: graph)) { stations, values in
            BlockSchedule.ends(stations.flatMap(\.entries), graph, values)
        }
    }

    /// The blocks among the parts, by their residual sums.
    var blocks: Set<NodeID> { Set(stations.flatMap(\.entries).map(\.block.closing)) }

    /// The values that two networks are compared by: as few as see every reduced block.
    ///
    /// Outputs of the network come first, then those of blocks, the last one first. Of these, the one that
    /// sees the most reductions is taken, and then others for what it does not see.
    static func ends(_ entries: [MoDPlan.Entry], _ graph: Graph, _ values: SampleValues) -> [ValueID] {
        let candidates = graph.outputs.filter(values.isHeld) + entries.reversed().map(\.block.output)
        var unseen = Set(entries.filter(\.verdict.isReduction).map(\.block.closing))
        guard !unseen.isEmpty else { return Array(candidates.prefix(1)) }
        var seen: [ValueID: Set<NodeID>] = [:]
        var ends: [ValueID] = []
        while !unseen.isEmpty {
            var best: (end: ValueID, new: Set<NodeID>)?
            for candidate in candidates {
                let reductions = seen[candidate] ?? self.reductions(behind: candidate, graph, unseen)
                seen[candidate] = reductions
                let new = reductions.intersection(unseen)
                if new.count > best?.new.count ?? 0 { best = (candidate, new) }
                if new.count == unseen.count { break }
            }
            guard let best else { break }
            ends.append(best.end)
            unseen.subtract(best.new)
        }
        return ends
    }

    /// The blocks among `reductions` that a value depends on.
    private static func reductions(
        behind value: ValueID, _ graph: Graph, _ reductions: Set<NodeID>
    ) -> Set<NodeID> {
        let found = graph.nodes(behind: [value]) { graph.producer(of: $0) == nil }
        return reductions.intersection(found?.nodes ?? [])
    }
}
