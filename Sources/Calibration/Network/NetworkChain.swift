import GraphIR
import MixtureOfDepths
import Runtime

/// A network as a chain of parts, each with one input and one output.
///
///     images -> glue -> block -> block -> glue -> block -> ... -> glue -> scores
struct NetworkChain: Sendable {
    enum Part: Sendable {
        /// Nodes between blocks, in topological order.
        case glue(nodes: [NodeID], from: ValueID, to: ValueID)
        case block(MoDPlan.Entry)
    }

    let graph: Graph
    let parts: [Part]
    /// The network's input: images.
    let input: ValueID
    /// The value at the chain's end: the first output, or the output of the last runnable block if the head
    /// cannot be run.
    let output: ValueID

    /// - Throws: `CalibrationError.notAChain` if the first output cannot be reached through one chain.
    init(_ graph: Graph, _ plan: MoDPlan) throws(CalibrationError) {
        let inputs = graph.requiredInputs
        guard let input = inputs.first, let output = NetworkChain.end(graph, plan) else {
            throw .notAChain(graph.name)
        }
        guard inputs.count == 1 else { throw .notAChain(graph[inputs[1]].name) }
        self.graph = graph
        self.input = input
        self.output = output
        var parts: [Part] = []
        var current = input
        var entries = plan.entries[...]
        while let entry = entries.popFirst() {
            let block = entry.block
            guard let glue = graph.nodes(from: current, to: block.input),
                graph.nodes(from: block.input, to: block.output) != nil,
                graph.nodes(from: block.output, to: output) != nil
            else { continue }
            if !glue.isEmpty { parts.append(.glue(nodes: glue, from: current, to: block.input)) }
            parts.append(.block(entry))
            current = block.output
        }
        guard let head = graph.nodes(from: current, to: output) else {
            throw .notAChain(graph[output].name)
        }
        if !head.isEmpty { parts.append(.glue(nodes: head, from: current, to: output)) }
        self.parts = parts
    }

    private static func end(_ graph: Graph, _ plan: MoDPlan) -> ValueID? {
        let reach = Reach(graph)
        return (graph.outputs.prefix(1) + plan.entries.reversed().map(\.block.output))
            .first { reach.reaches(graph[$0].name) }
    }

    /// Whether the chain ends in the graph's first output, rather than before a head that cannot be run.
    var isWhole: Bool { output == graph.outputs.first }

    /// A session that runs some of the nodes from one value, as input `x`, to another.
    func session(
        _ nodes: [NodeID], _ from: ValueID, _ to: ValueID, _ fit: FitContext
    ) throws -> PartSession {
        var part = PartGraph(of: graph)
        try part.addInput("x", for: from)
        try part.copy(nodes)
        return try part.session(
            computing: [part.value(for: to)], threads: fit.workers.count,
            limits: fit.options.limits)
    }

    /// The blocks of the chain, by their residual sums.
    var blocks: Set<NodeID> {
        Set(
            parts.compactMap { part in
                if case .block(let entry) = part { entry.block.closing } else { nil }
            })
    }
}

extension Graph {
    /// The nodes that compute `end` from `start` and constants, in topological order; nil if they read any
    /// other value.
    func nodes(from start: ValueID, to end: ValueID) -> [NodeID]? {
        var found: Set<NodeID> = []
        var pending = [end]
        while let value = pending.popLast() {
            guard value != start, self[value].constant == nil else { continue }
            guard let node = producer(of: value), node.captures.isEmpty else { return nil }
            guard found.insert(node.id).inserted else { continue }
            pending.append(contentsOf: node.inputs.compactMap { $0 })
        }
        return found.isEmpty && start != end ? nil : order.filter(found.contains)
    }
}
