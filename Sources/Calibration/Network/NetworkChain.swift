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
    /// The end of the chain: an output of the network, or of a block.
    let output: ValueID

    /// The chain that the most of the plan's reductions stand in. It ends in an output that can be compared sample by
    /// sample, if one does as well as any block's output: a detector's outputs read several stages of its backbone, so
    /// that blocks stand beside each chain to one of them.
    ///
    /// - Throws: `CalibrationError.notAChain` if no chain leads from the only input to an output or a block, `notRunnable`
    ///   if none of them can be run.
    init(_ graph: Graph, _ plan: MoDPlan) throws(CalibrationError) {
        let inputs = graph.requiredInputs
        guard let input = inputs.first else { throw .notAChain(graph.name) }
        guard inputs.count == 1 else { throw .notAChain(graph[inputs[1]].name) }
        let wanted = plan.entries.count(where: \.verdict.isReduction)
        var best: (chain: NetworkChain, reductions: Int)?
        let reach = Reach(graph)
        for end in NetworkChain.ends(graph, plan, reach) {
            guard let chain = NetworkChain(graph, plan, from: input, to: end) else { continue }
            let reductions = chain.reductions
            if reductions > best?.reductions ?? -1 { best = (chain, reductions) }
            if reductions == wanted { break }
        }
        guard let best else {
            if let boundary = reach.boundary {
                throw .notRunnable(node: boundary.node, problem: boundary.problem)
            }
            throw .notAChain(graph.outputs.first.map { graph[$0].name } ?? graph.name)
        }
        self = best.chain
    }

    /// - Returns: nil if `output` cannot be reached through one chain.
    private init?(_ graph: Graph, _ plan: MoDPlan, from input: ValueID, to output: ValueID) {
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
        guard let head = graph.nodes(from: current, to: output) else { return nil }
        if !head.isEmpty { parts.append(.glue(nodes: head, from: current, to: output)) }
        self.parts = parts
    }

    /// The possible ends of a chain, outputs of the network first, then those of blocks, the last one first:
    /// values of the images' type that can be computed, and hold every sample at its place, whatever the data
    /// are.
    private static func ends(_ graph: Graph, _ plan: MoDPlan, _ reach: Reach) -> [ValueID] {
        let batch = graph.onlyBatch ?? Graph.probedBatch
        let inferred = graph.inferred(forBatch: batch) ?? graph
        let images = graph.requiredInputs.first.flatMap { graph[$0].tensorType?.elementType }
        func isComparable(_ value: ValueID) -> Bool {
            guard reach.reaches(graph[value].name), graph[value].tensorType?.elementType == images,
                let shape = inferred.value(named: graph[value].name)?.shape, let samples = shape.dims.first
            else { return false }
            return shape.dims.dropFirst().allSatisfy { $0.value != nil }
                && samples == inferred.requiredInputs.first.flatMap { inferred[$0].shape?.dims.first }
        }
        return (graph.outputs + plan.entries.reversed().map(\.block.output)).filter(isComparable)
    }

    /// Whether the chain ends in an output of the graph.
    var isWhole: Bool { graph.outputs.contains(output) }

    /// How many blocks of the chain the plan reduces.
    private var reductions: Int {
        parts.count { part in
            if case .block(let entry) = part { entry.verdict.isReduction } else { false }
        }
    }

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
