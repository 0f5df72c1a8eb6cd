import GraphIR
import MixtureOfDepths

/// A block of a plan, with the other uses of its weights, as the towers of a siamese network have them:
///
///     image a -> stem -> block 1 -> block 2 -+-> distance
///     image b -> stem -> block 1 -> block 2 -+
///
/// All uses are fitted together, on the activations of all of them, so that what was one network stays one.
package struct SharedBlock: ScheduleStation {
    /// The first use in topological order.
    let entry: MoDPlan.Entry
    private let others: [(entry: MoDPlan.Entry, twins: [NodeID: NodeID])]

    /// All uses, the first one first.
    var entries: [MoDPlan.Entry] { [entry] + others.map(\.entry) }

    package var nodes: [NodeID] { entries.flatMap(\.block.nodes) }
    package var inputs: [ValueID] { entries.map(\.block.input) }
    package var outputs: [ValueID] { entries.map(\.block.output) }

    /// Of each further use, the node that stands for each of the first use's.
    var twins: [[NodeID: NodeID]] { others.map(\.twins) }

    /// The blocks of a plan, each with the later ones that read the same weights in the same way, so that every block
    /// comes after those that it depends on.
    ///
    /// A later block is left by itself if it depends on blocks between, as where a network runs through the same block
    /// twice, if something but its output is read outside of it, or if the plan has another form for it. O(nodes) for each
    /// use besides the first.
    ///
    /// - Parameter entries: in topological order.
    static func all(in entries: [MoDPlan.Entry], of graph: Graph) -> [SharedBlock] {
        let weights = entries.map { graph.constants(readBy: $0.block.nodes) }
        let usesOfWeights = Dictionary(grouping: entries.indices) { weights[$0] }
        let closings = Set(entries.map(\.block.closing))
        var placed: Set<NodeID> = []
        return zip(entries, weights).compactMap { entry, weights in
            guard placed.insert(entry.block.closing).inserted else { return nil }
            var others: [(entry: MoDPlan.Entry, twins: [NodeID: NodeID])] = []
            for index in usesOfWeights[weights] ?? [] {
                let other = entries[index]
                guard !placed.contains(other.block.closing), other.verdict.hasForm(of: entry.verdict),
                    let twins = entry.block.twins(in: other.block, of: graph)
                else { continue }
                let needed = graph.blocks(behind: other.block.input, among: closings)
                guard !needed.contains(entry.block.closing), needed.isSubset(of: placed) else { continue }
                others.append((other, twins))
            }
            placed.formUnion(others.map(\.entry.block.closing))
            return SharedBlock(entry: entry, others: others)
        }
    }
}

extension ConvBlock {
    /// For each node the one of another block that does the same with the same constants, on inputs of the same size.
    ///
    /// - Returns: nil if there is none for some node, or a value inside of either block is read outside.
    fileprivate func twins(in other: ConvBlock, of graph: Graph) -> [NodeID: NodeID]? {
        let parts = [
            (body, other.body), (shortcutNodes, other.shortcutNodes), ([closing], [other.closing]),
            (finalActivation, other.finalActivation),
        ]
        guard parts.allSatisfy({ $0.count == $1.count }), graph[input].type == graph[other.input].type,
            isClosed(in: graph), other.isClosed(in: graph)
        else { return nil }
        let pairs = parts.flatMap { zip($0, $1) }
        var values = [input: other.input]
        for (node, twin) in pairs {
            for (value, same) in zip(graph[node].outputs, graph[twin].outputs) {
                if let value, let same { values[value] = same }
            }
        }
        for (node, twin) in pairs {
            let (mine, theirs) = (graph[node], graph[twin])
            guard mine.operatorType == theirs.operatorType, mine.domain == theirs.domain,
                mine.attributes == theirs.attributes, mine.inputs.count == theirs.inputs.count,
                zip(mine.inputs, theirs.inputs).allSatisfy({ a, b in a.map { values[$0] ?? $0 } == b })
            else { return nil }
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// Whether nothing outside of the block reads a value inside of it.
    private func isClosed(in graph: Graph) -> Bool {
        let nodes = Set(nodes)
        return nodes.allSatisfy { node in
            graph[node].outputs.compactMap { $0 }.allSatisfy { value in
                value == output
                    || !graph[value].isGraphOutput && graph[value].uses.allSatisfy { nodes.contains($0.node) }
            }
        }
    }
}

extension Verdict {
    /// Whether the block becomes what one with the other verdict does.
    fileprivate func hasForm(of other: Verdict) -> Bool {
        switch (self, other) {
        case (.convert(let mine), .convert(let theirs)): mine.form == theirs.form
        case (.open, .open): true
        case (.keep, .keep), (.keep, .notEligible), (.notEligible, .keep), (.notEligible, .notEligible): true
        default: false
        }
    }
}

extension Graph {
    /// The blocks that a value depends on, by their closing nodes.
    fileprivate func blocks(behind value: ValueID, among closings: Set<NodeID>) -> Set<NodeID> {
        let found = nodes(behind: [value]) { producer(of: $0) == nil }
        return closings.intersection(found?.nodes ?? [])
    }
}
