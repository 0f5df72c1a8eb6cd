extension GraphEdit {
    /// Whether `replaceUses(of:with:)` can replace the value without losing a name that something relies on.
    public func canReplaceUses(of old: ValueID, with new: ValueID) -> Bool {
        replacementConflict(old, new) == nil
    }

    /// Makes every reader of `old` read `new` instead. If `old` is a graph output, `new` takes over its name,
    /// so that the graph's signature stays as it is.
    ///
    /// - Throws: `GraphError.capturedName` if a subgraph reads `old` by name;
    ///   `GraphError.outputConflict` if `old` is a graph output and `new` cannot take its name: `new` is a
    ///   graph output too, a graph input or an initialiser, or a subgraph captures it.
    public mutating func replaceUses(of old: ValueID, with new: ValueID) throws(GraphError) {
        guard old != new else { return }
        if let conflict = replacementConflict(old, new) { throw conflict }
        hasChanges = true
        // Neither value is held meanwhile: a list of readers that is changed while it is held is copied.
        let uses = graph[old].uses
        for use in uses {
            guard let position = use.position else { continue }
            graph.nodeStorage[use.node.index]?.inputs[position] = new
        }
        graph.valueStorage[new.index]?.uses.append(contentsOf: uses)
        graph.valueStorage[old.index]?.uses = []
        if graph[old].isGraphOutput { takeOverOutput(graph[old], graph[new]) }
    }

    /// Puts a new node between a value and the node that defines it.
    ///
    ///     before: producer -> value
    ///     after:  producer -> inner -> new node -> value
    ///
    /// The value keeps its name and all its readers, subgraphs and graph outputs included.
    ///
    /// - Parameters:
    ///   - innerName: the name of the value that the old producer now defines.
    ///   - parameters: the new node's inputs after its first, which is the inner value.
    /// - Returns: the inner value, whose type is not known yet.
    /// - Throws: `GraphError.duplicateName`; `GraphError.invalid` if no node defines the value.
    @discardableResult
    public mutating func interpose(
        _ operatorType: String, after value: ValueID, innerName: String, name: String = "",
        parameters: [ValueID?] = [], attributes: Attributes = [:]
    ) throws(GraphError) -> ValueID {
        guard case .node(let producer, let position) = graph[value].definition else {
            throw GraphError.invalid(
                place: "value \"\(graph[value].name)\"", problem: "no node defines it, so none can follow it")
        }
        let inner = try addValue(
            innerName, type: nil, definition: .node(producer, position: position))
        graph.nodeStorage[producer.index]?.outputs[position] = inner
        let node = try addNode(
            operatorType, name: name, inputs: [inner] + parameters, outputs: [], attributes: attributes)
        graph.nodeStorage[node.index]?.outputs = [value]
        graph.valueStorage[value.index]?.definition = .node(node, position: 0)
        return inner
    }

    /// Makes `node` define `value`, which was defined by the node that reads `node`'s only output.
    ///
    ///     before: node -> inner -> follower -> value
    ///     after:  node -> value
    ///
    /// The value keeps its name and all its readers; the follower and the inner value are removed.
    ///
    /// - Throws: `GraphError.stillUsed` if anything but the follower reads the inner value, or another output
    ///   of the follower is read.
    public mutating func adopt(_ value: ValueID, by node: NodeID) throws(GraphError) {
        guard let inner = graph[node].output(0), graph[node].outputs.count == 1,
            let follower = graph.producer(of: value), graph.soleConsumer(of: inner)?.id == follower.id
        else { throw GraphError.stillUsed(graph[node].output(0).map { graph[$0].name } ?? "") }
        for case let other? in follower.outputs where other != value && graph[other].useCount > 0 {
            throw GraphError.stillUsed(graph[other].name)
        }
        graph.nodeStorage[follower.id.index]?.outputs = follower.outputs.map { $0 == value ? nil : $0 }
        try removeNode(follower.id)
        drop(inner)
        graph.nodeStorage[node.index]?.outputs = [value]
        graph.valueStorage[value.index]?.definition = .node(node, position: 0)
    }

    /// Replaces a node by its results: each of its outputs becomes an initialiser of the same name.
    ///
    /// - Parameter tensors: one for each output position; an output that nothing reads needs none.
    /// - Throws: `GraphError.stillUsed` if an output that is read has no tensor.
    public mutating func replaceNode(_ id: NodeID, withConstants tensors: [Tensor]) throws(GraphError) {
        let outputs = graph[id].outputs
        for (position, output) in outputs.enumerated() where position >= tensors.count {
            guard let output, graph[output].useCount > 0 else { continue }
            throw GraphError.stillUsed(graph[output].name)
        }
        graph.nodeStorage[id.index]?.outputs = []
        try removeNode(id)
        for (position, output) in outputs.enumerated() {
            guard let output else { continue }
            guard position < tensors.count else {
                drop(output)
                continue
            }
            graph.valueStorage[output.index]?.definition = .initializer
            graph.valueStorage[output.index]?.initializer = tensors[position]
            graph.valueStorage[output.index]?.type = .tensor(tensors[position].type)
        }
    }

    private func replacementConflict(_ old: ValueID, _ new: ValueID) -> GraphError? {
        let (from, to) = (graph[old], graph[new])
        guard !from.isCaptured else { return .capturedName(from.name) }
        guard from.isGraphOutput else { return nil }
        guard case .node = to.definition, !to.isGraphOutput, !to.isCaptured else {
            return .outputConflict(from.name)
        }
        return nil
    }

    private mutating func takeOverOutput(_ old: Value, _ new: Value) {
        for position in old.outputPositions { graph.outputs[position] = new.id }
        graph.valueStorage[old.id.index]?.outputPositions = []
        graph.valueStorage[new.id.index]?.outputPositions = old.outputPositions
        graph.valueStorage[old.id.index]?.name = new.name
        graph.valueStorage[new.id.index]?.name = old.name
        graph.valuesByName[new.name] = old.id
        graph.valuesByName[old.name] = new.id
        if let type = old.type { graph.valueStorage[new.id.index]?.type = type }
        graph.valueStorage[new.id.index]?.declaredType = old.declaredType
        setNotes(new.id, old.notes)
    }
}
