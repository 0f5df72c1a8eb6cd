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
///
/// The blocks of a conversion are one kind of `Station`, the layers of a quantisation another.
package struct NetworkSchedule<Station: ScheduleStation>: Sendable {
    /// A station, or nodes between stations, and the values at its ends.
    package struct Part: Sendable {
        package enum Content: Sendable {
            /// Nodes between stations, in topological order.
            case glue([NodeID])
            case station(Station)
        }

        package let content: Content
        /// The held values that it reads; of a station, its inputs.
        package let inputs: [ValueID]
        /// Its results that later parts read, or that networks are compared by.
        package fileprivate(set) var outputs: [ValueID]
        /// The held values that no part after it reads.
        package fileprivate(set) var lastReads: [ValueID] = []
    }

    package let graph: Graph
    /// The position of each node in topological order.
    private let places: [NodeID: Int]
    package private(set) var parts: [Part] = []
    /// The network's inputs; the first one takes images.
    package let inputs: [ValueID]
    /// The values that two networks are compared by: outputs of the network, or of blocks.
    package let ends: [ValueID]

    /// The parts that compute `stations`, and the values that networks are compared by.
    ///
    /// - Parameters:
    ///   - stations: as many as wanted, in any order. Those that cannot be run for each sample, or share nodes with
    ///     one before, are left among the nodes between.
    ///   - ends: chooses the values that networks are compared by, given the stations that are taken.
    /// - Throws: `CalibrationError.notRunnable` or `notComparable` if the network has no value to compare by that can be
    ///   computed for each sample.
    init(
        _ graph: Graph, _ stations: [Station], ends choose: ([Station], SampleValues) -> [ValueID]
    ) throws(CalibrationError) {
        let inputs = graph.requiredInputs
        guard !inputs.isEmpty else { throw .notComparable(graph.name) }
        let values = SampleValues(graph, from: inputs)
        let stations = NetworkSchedule.taken(stations, graph, values)
        let ends = choose(stations, values)
        guard !ends.isEmpty else {
            if let boundary = values.reach.boundary {
                throw .notRunnable(node: boundary.node, problem: boundary.problem)
            }
            throw .notComparable(graph.outputs.first.map { graph[$0].name } ?? graph.name)
        }
        (self.graph, self.places, self.inputs, self.ends) = (graph, graph.places, inputs, ends)
        schedule(stations, values)
    }

    /// The parts that compute `stations` and the network's outputs, as far as these can be computed for each sample.
    ///
    /// - Throws: as the other initialiser does.
    package init(_ graph: Graph, _ stations: [Station]) throws(CalibrationError) {
        try self.init(graph, stations) { stations, values in
            let outputs = graph.outputs.filter(values.isHeld)
            return outputs.isEmpty ? stations.last?.outputs ?? [] : outputs
        }
    }

    /// Whether networks are compared by outputs of the graph.
    var isWhole: Bool { ends.allSatisfy(graph.outputs.contains) }

    /// The stations among the parts, in topological order.
    package var stations: [Station] {
        parts.compactMap { if case .station(let station) = $0.content { station } else { nil } }
    }

    /// Bytes of the values that are held at once, of the source and of the converted network, for so many samples.
    package func activationBytes(samples: Int) -> Int {
        func elements(_ values: [ValueID]) -> Double {
            values.reduce(0) { $0 + Double(graph.elementsOfSample($1)) }
        }
        var held = elements(inputs)
        var most = held
        for part in parts {
            held += elements(part.outputs)
            most = max(most, held)
            held -= elements(part.lastReads)
        }
        return Int(min(most * Double(2 * MemoryLayout<Float>.stride * samples), 1e18))
    }

    /// Memory, or files if the values that are held at once take more memory than is allowed.
    package func store(samples: Int, _ limits: RunLimits) -> ActivationStore {
        activationBytes(samples: samples) > limits.memory ? .temporary : .memory
    }

    /// A session that runs some of the nodes from some values, as inputs `x0`, `x1`, ..., to others.
    func session(
        _ nodes: [NodeID], _ from: [ValueID], _ to: [ValueID], threads: Int, _ limits: RunLimits
    ) throws -> PartSession {
        var part = PartGraph(of: graph)
        for (place, value) in from.enumerated() { try part.addInput("x\(place)", for: value) }
        try part.copy(nodes)
        return try part.session(
            computing: to.map { try part.value(for: $0) }, threads: threads, limits: limits)
    }

    /// A session that runs a part as the graph has it.
    package func session(of part: Part, threads: Int, _ limits: RunLimits) throws -> PartSession {
        let nodes =
            switch part.content {
            case .glue(let nodes): nodes
            case .station(let station): Set(station.nodes).sorted(by: places)
            }
        return try session(nodes, part.inputs, part.outputs, threads: threads, limits)
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

    /// The stations that can be run for each sample. Of those that share nodes, the first one stands.
    private static func taken(
        _ stations: [Station], _ graph: Graph, _ values: SampleValues
    ) -> [Station] {
        var taken: Set<NodeID> = []
        return stations.filter { station in
            guard (station.inputs + station.outputs).allSatisfy(values.isHeld),
                taken.isDisjoint(with: station.nodes),
                graph.nodes(behind: station.outputs, stoppingAt: station.inputs.contains)?.inputs
                    == Set(station.inputs)
            else { return false }
            taken.formUnion(station.nodes)
            return true
        }
    }

    private mutating func schedule(_ stations: [Station], _ values: SampleValues) {
        // The part that computes each value that may be held; none for the network's inputs.
        var makers = Dictionary(uniqueKeysWithValues: inputs.map { ($0, Int?.none) })
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
        for station in stations {
            compute(station.inputs)
            let nodes = Set(station.nodes)
            let made = nodes.sorted(by: places).flatMap { graph[$0].outputs.compactMap { $0 } }.filter {
                station.outputs.contains($0) || graph[$0].uses.contains { !nodes.contains($0.node) }
            }
            add(.station(station), reading: station.inputs, making: made)
        }
        compute(ends)
        for end in ends { read(end, by: parts.count) }
        for (value, part) in lastReaders.sorted(by: { $0.key < $1.key }) where part < parts.count {
            parts[part].lastReads.append(value)
        }
        for index in parts.indices { parts[index].outputs.sort() }
    }
}

/// A piece of a network that a schedule passes by itself: its results depend on held values alone.
package protocol ScheduleStation: Sendable {
    /// In topological order or not.
    var nodes: [NodeID] { get }
    /// The values that it reads.
    var inputs: [ValueID] { get }
    /// Its results.
    var outputs: [ValueID] { get }
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
