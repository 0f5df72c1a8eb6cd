import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// A network as parts that run one after the other: its blocks, and the nodes between them.
///
///     images -> glue -> block -+-> block -> glue ---> block -+-> glue -> scores
///                              \----------------------------/
///
/// A part reads the images and results of any parts before it, so the network may branch: values that several
/// parts read are held until the last of them has run. Only values with one entry for each sample are held;
/// what lies between them is computed again where it is read.
struct NetworkSchedule: Sendable {
    /// A block, or nodes between blocks, and the values at its ends.
    struct Part: Sendable {
        enum Content: Sendable {
            /// Nodes between blocks, in topological order.
            case glue([NodeID])
            case block(MoDPlan.Entry)
        }

        let content: Content
        /// The held values that it reads; of a block, its input.
        let inputs: [ValueID]
        /// Its results that later parts read, or that networks are compared by.
        fileprivate(set) var outputs: [ValueID]
        /// The held values that no part after it reads.
        fileprivate(set) var lastReads: [ValueID] = []
    }

    let graph: Graph
    /// The position of each node in topological order.
    private let places: [NodeID: Int]
    private(set) var parts: [Part] = []
    /// The network's input: images.
    let input: ValueID
    /// The values that two networks are compared by: outputs of the network, or of blocks.
    let ends: [ValueID]

    /// The parts that compute the plan's blocks, and the values that networks are compared by.
    ///
    /// - Throws: `CalibrationError.severalInputs` for a network of several inputs; `notRunnable` or
    ///   `notComparable` if it has neither a block nor an output that can be computed for each sample.
    init(_ graph: Graph, _ plan: MoDPlan) throws(CalibrationError) {
        let inputs = graph.requiredInputs
        guard let input = inputs.first else { throw .notComparable(graph.name) }
        guard inputs.count == 1 else { throw .severalInputs(graph[inputs[1]].name) }
        let values = SampleValues(graph, from: input)
        let entries = NetworkSchedule.entries(plan, graph, values)
        let ends = NetworkSchedule.ends(entries, graph, values)
        guard !ends.isEmpty else {
            if let boundary = values.reach.boundary {
                throw .notRunnable(node: boundary.node, problem: boundary.problem)
            }
            throw .notComparable(graph.outputs.first.map { graph[$0].name } ?? graph.name)
        }
        (self.graph, self.places, self.input, self.ends) = (graph, graph.places, input, ends)
        schedule(entries, values)
    }

    /// Whether networks are compared by outputs of the graph.
    var isWhole: Bool { ends.allSatisfy(graph.outputs.contains) }

    /// The blocks among the parts, by their residual sums.
    var blocks: Set<NodeID> {
        Set(
            parts.compactMap { part in
                if case .block(let entry) = part.content { entry.block.closing } else { nil }
            })
    }

    /// Checks that the values that are held at once, of the source and of the converted network, fit into
    /// memory.
    ///
    /// - Throws: `CalibrationError.memory` if they do not.
    func checkMemory(samples: Int, _ limits: RunLimits) throws(CalibrationError) {
        func elements(_ values: [ValueID]) -> Double {
            values.reduce(0) { $0 + Double(graph.elementsOfSample($1)) }
        }
        var held = elements([input])
        var most = 0
        for part in parts {
            held += elements(part.outputs)
            most = max(most, Int(min(held * 8, 1e15)))
            held -= elements(part.lastReads)
        }
        let needed = Double(most) * Double(samples)
        guard needed > Double(limits.memory) else { return }
        throw .memory(
            megabytes: Int(needed / Double(1 << 20)), limit: limits.memory >> 20,
            images: max(2, limits.memory / max(1, most)))
    }

    /// A session that runs some of the nodes from some values, as inputs `x0`, `x1`, ..., to others.
    func session(
        _ nodes: [NodeID], _ from: [ValueID], _ to: [ValueID], _ fit: FitContext
    ) throws -> PartSession {
        var part = PartGraph(of: graph)
        for (place, value) in from.enumerated() { try part.addInput("x\(place)", for: value) }
        try part.copy(nodes)
        return try part.session(
            computing: to.map { try part.value(for: $0) }, threads: fit.workers.count,
            limits: fit.options.limits)
    }

    /// A session that runs a part as the source has it.
    func session(of part: Part, _ fit: FitContext) throws -> PartSession {
        switch part.content {
        case .glue(let nodes): try session(nodes, part.inputs, part.outputs, fit)
        case .block(let entry):
            try session(Set(entry.block.nodes).sorted(by: places), part.inputs, part.outputs, fit)
        }
    }

    /// The nodes that compute `ends`, in topological order, and the values at which the way back from there
    /// stops; nil if it does not stop.
    func nodes(
        to ends: [ValueID], stoppingAt isStart: (ValueID) -> Bool
    ) -> (nodes: [NodeID], inputs: [ValueID])? {
        graph.nodes(behind: ends, stoppingAt: isStart).map {
            ($0.nodes.sorted(by: places), $0.inputs.sorted())
        }
    }

    // MARK: Making the parts

    /// The blocks that can be run for each sample, in topological order. Of blocks that share nodes, the
    /// first one stands.
    private static func entries(
        _ plan: MoDPlan, _ graph: Graph, _ values: SampleValues
    ) -> [MoDPlan.Entry] {
        var taken: Set<NodeID> = []
        return plan.entries.filter { entry in
            let block = entry.block
            guard values.isHeld(block.input), values.isHeld(block.output),
                taken.isDisjoint(with: block.nodes),
                graph.nodes(behind: [block.output], stoppingAt: { $0 == block.input })?.inputs
                    == [block.input]
            else { return false }
            taken.formUnion(block.nodes)
            return true
        }
    }

    private mutating func schedule(_ entries: [MoDPlan.Entry], _ values: SampleValues) {
        // The part that computes each value that may be held; none for the images.
        var makers: [ValueID: Int?] = [input: nil]
        var lastReaders: [ValueID: Int] = [:]
        func isMade(_ value: ValueID) -> Bool { makers[value] != nil }
        func add(_ content: Part.Content, reading inputs: [ValueID], making made: [ValueID]) {
            for value in inputs { read(value, by: parts.count) }
            for value in made where !isMade(value) && values.isHeld(value) { makers[value] = parts.count }
            parts.append(Part(content: content, inputs: inputs, outputs: []))
        }
        func read(_ value: ValueID, by part: Int) {
            if let maker = makers[value] ?? nil, !parts[maker].outputs.contains(value) {
                parts[maker].outputs.append(value)
            }
            lastReaders[value] = part
        }
        func compute(_ targets: [ValueID]) {
            guard let (nodes, inputs) = self.nodes(to: targets, stoppingAt: isMade), !nodes.isEmpty else {
                return
            }
            let made = nodes.flatMap { graph[$0].outputs.compactMap { $0 } }
            add(.glue(nodes), reading: inputs, making: made)
        }
        for entry in entries {
            let block = entry.block
            compute([block.input])
            let nodes = Set(block.nodes)
            let made = nodes.sorted(by: places).flatMap { graph[$0].outputs.compactMap { $0 } }.filter {
                $0 == block.output || graph[$0].uses.contains { !nodes.contains($0.node) }
            }
            add(.block(entry), reading: [block.input], making: made)
        }
        compute(ends)
        for end in ends { read(end, by: parts.count) }
        for (value, part) in lastReaders.sorted(by: { $0.key < $1.key }) where part < parts.count {
            parts[part].lastReads.append(value)
        }
        for index in parts.indices { parts[index].outputs.sort() }
    }
}

extension Graph {
    /// The elements of one sample of a value.
    fileprivate func elementsOfSample(_ value: ValueID) -> Int {
        let dims = self[value].shape?.dims.dropFirst() ?? []
        return Shape(Array(dims)).elementCount ?? 0
    }

    /// The nodes that compute `ends`, and the values at which the way back from there stops.
    ///
    /// - Returns: nil if the way does not stop: it reads a value that no node computes, or a node captures
    ///   values.
    func nodes(
        behind ends: [ValueID], stoppingAt isStart: (ValueID) -> Bool
    ) -> (nodes: Set<NodeID>, inputs: Set<ValueID>)? {
        var nodes: Set<NodeID> = []
        var inputs: Set<ValueID> = []
        var pending = ends
        while let value = pending.popLast() {
            if self[value].constant != nil { continue }
            if isStart(value) {
                inputs.insert(value)
                continue
            }
            guard let node = producer(of: value), node.captures.isEmpty else { return nil }
            guard nodes.insert(node.id).inserted else { continue }
            pending.append(contentsOf: node.inputs.compactMap { $0 })
        }
        return (nodes, inputs)
    }
}
