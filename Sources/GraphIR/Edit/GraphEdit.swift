/// The one object that changes graphs.
///
/// An edit starts from a graph, takes any number of changes, and `commit()` hands the changed graph back:
/// uses and definitions are kept exact at every step, and the nodes are put into topological order at the
/// end, old nodes in their old order and new ones right before their first reader.
///
/// Every change is O(1) in the size of the graph, apart from the number of uses that it touches;
/// `commit()` is O(nodes + edges).
public struct GraphEdit {
    /// The graph as it stands. Its `order` lists new nodes last until `commit()`.
    public private(set) var graph: Graph
    /// Whether anything was changed.
    public private(set) var hasChanges = false

    public init(_ graph: Graph) { self.graph = graph }

    // MARK: Values

    /// Adds a graph input.
    ///
    /// - Throws: `GraphError.duplicateName`.
    @discardableResult
    public mutating func addInput(_ name: String, type: ValueType?, docString: String = "")
        throws(GraphError) -> ValueID
    {
        let id = try addValue(name, type: type, definition: .input, docString: docString)
        graph.inputs.append(id)
        return id
    }

    /// Adds a constant.
    ///
    /// - Throws: `GraphError.duplicateName`.
    @discardableResult
    public mutating func addInitializer(_ name: String, _ tensor: Tensor, docString: String = "")
        throws(GraphError) -> ValueID
    {
        let id = try addValue(
            name, type: .tensor(tensor.type), definition: .initializer, docString: docString)
        graph.valueStorage[id.index]?.initializer = tensor
        return id
    }

    /// Adds a value of the enclosing graph that this subgraph reads.
    @discardableResult
    public mutating func addCapture(_ name: String, type: ValueType?) throws(GraphError) -> ValueID {
        let id = try addValue(name, type: type, definition: .capture, docString: "")
        graph.captures.append(id)
        return id
    }

    /// Gives a value constant contents: the default of an input, or the new contents of an initialiser.
    public mutating func setInitializer(_ id: ValueID, _ tensor: Tensor) {
        hasChanges = true
        graph.valueStorage[id.index]?.initializer = tensor
        if graph[id].definition == .initializer {
            graph.valueStorage[id.index]?.type = .tensor(tensor.type)
        }
    }

    /// Removes the inputs that have a default from the list of inputs; they become plain initialisers.
    /// O(inputs).
    public mutating func unlistDefaultedInputs() {
        let defaulted = graph.inputs.filter { graph[$0].initializer != nil }
        guard !defaulted.isEmpty else { return }
        hasChanges = true
        graph.inputs = graph.inputs.filter { graph[$0].initializer == nil }
        for id in defaulted { graph.valueStorage[id.index]?.definition = .initializer }
    }

    /// Sets what is known of a value's type.
    public mutating func setType(_ id: ValueID, _ type: ValueType?) {
        guard graph[id].type != type else { return }
        hasChanges = true
        graph.valueStorage[id.index]?.type = type
    }

    /// Sets the doc string and metadata that go with a value's description.
    public mutating func setNotes(_ id: ValueID, docString: String, metadata: [MetadataEntry]) {
        graph.valueStorage[id.index]?.docString = docString
        graph.valueStorage[id.index]?.metadata = metadata
    }

    /// Gives a value another name.
    ///
    /// - Throws: `GraphError.duplicateName`; `GraphError.capturedName` if a subgraph knows it by its name.
    public mutating func rename(_ id: ValueID, to name: String) throws(GraphError) {
        let old = graph[id].name
        guard old != name else { return }
        guard !name.isEmpty, graph.valuesByName[name] == nil else { throw GraphError.duplicateName(name) }
        guard graph[id].uses.allSatisfy({ $0.position != nil }) else {
            throw GraphError.capturedName(old)
        }
        hasChanges = true
        graph.valuesByName[old] = nil
        graph.valuesByName[name] = id
        graph.valueStorage[id.index]?.name = name
    }

    /// Appends a value to the graph's outputs.
    public mutating func addOutput(_ id: ValueID) {
        hasChanges = true
        graph.outputs.append(id)
        graph.valueStorage[id.index]?.outputCount += 1
    }

    /// `base`, or `base_1`, `base_2`, ...: the first that no value of the graph has.
    public func uniqueName(_ base: String) -> String {
        let stem = base.isEmpty ? "value" : base
        guard graph.valuesByName[stem] != nil else { return stem }
        var suffix = 1
        while graph.valuesByName["\(stem)_\(suffix)"] != nil { suffix += 1 }
        return "\(stem)_\(suffix)"
    }

    /// Removes a value that nothing reads and no node defines.
    ///
    /// - Throws: `GraphError.stillUsed`.
    public mutating func removeValue(_ id: ValueID) throws(GraphError) {
        let value = graph[id]
        guard value.useCount == 0 else { throw GraphError.stillUsed(value.name) }
        if case .node = value.definition { throw GraphError.stillUsed(value.name) }
        graph.inputs.removeAll { $0 == id }
        graph.captures.removeAll { $0 == id }
        drop(id)
    }

    // MARK: Nodes

    /// Adds a node with new outputs of the given names; an empty name leaves an output out.
    ///
    /// - Returns: the node; its outputs are `graph[node].outputs`.
    /// - Throws: `GraphError.duplicateName` if an output name is taken.
    @discardableResult
    public mutating func addNode(
        _ operatorType: String, domain: String = "", name: String = "", inputs: [ValueID?],
        outputs: [String], attributes: Attributes = [:], captures: [ValueID] = [], overload: String = "",
        docString: String = "", metadata: [MetadataEntry] = []
    ) throws(GraphError) -> NodeID {
        let id = NodeID(index: graph.nodeStorage.count)
        var outputIDs: [ValueID?] = []
        for (position, output) in outputs.enumerated() {
            guard !output.isEmpty else {
                outputIDs.append(nil)
                continue
            }
            outputIDs.append(
                try addValue(
                    output, type: nil, definition: .node(id, position: position), docString: ""))
        }
        let node = Node(
            id: id, name: name, domain: OpsetImports.canonical(domain), operatorType: operatorType,
            inputs: inputs, outputs: outputIDs, attributes: attributes, captures: captures,
            overload: overload, docString: docString, metadata: metadata)
        graph.nodeStorage.append(node)
        graph.order.append(id)
        for (position, input) in inputs.enumerated() {
            if let input { addUse(of: input, Use(node: id, position: position)) }
        }
        for capture in captures { addUse(of: capture, Use(node: id, position: nil)) }
        hasChanges = true
        return id
    }

    /// Adds a node with one output and returns that output.
    public mutating func add(
        _ operatorType: String, _ inputs: [ValueID?], output: String, name: String = "",
        attributes: Attributes = [:]
    ) throws(GraphError) -> ValueID {
        let name = name.isEmpty ? output : name
        let node = try addNode(
            operatorType, name: name, inputs: inputs, outputs: [output], attributes: attributes)
        guard let result = graph[node].output(0) else { throw GraphError.duplicateName(output) }
        return result
    }

    /// Sets one attribute of a node; nil removes it.
    public mutating func setAttribute(_ node: NodeID, _ name: String, _ value: Attribute?) {
        hasChanges = true
        graph.nodeStorage[node.index]?.attributes[name] = value
    }

    /// Makes a node read `value` at `position`; nil leaves the input out. Missing positions before it are
    /// left out too.
    public mutating func setInput(_ node: NodeID, _ position: Int, _ value: ValueID?) {
        var inputs = graph[node].inputs
        while inputs.count <= position { inputs.append(nil) }
        if let old = inputs[position] { removeUse(of: old, Use(node: node, position: position)) }
        inputs[position] = value
        if let value { addUse(of: value, Use(node: node, position: position)) }
        while let last = inputs.last, last == nil { inputs.removeLast() }
        graph.nodeStorage[node.index]?.inputs = inputs
        hasChanges = true
    }

    /// Removes a node whose outputs nothing reads, and its outputs.
    ///
    /// - Throws: `GraphError.stillUsed`.
    public mutating func removeNode(_ id: NodeID) throws(GraphError) {
        let node = graph[id]
        for case let output? in node.outputs where graph[output].useCount > 0 {
            throw GraphError.stillUsed(graph[output].name)
        }
        for (position, input) in node.inputs.enumerated() {
            if let input { removeUse(of: input, Use(node: id, position: position)) }
        }
        for capture in node.captures { removeUse(of: capture, Use(node: id, position: nil)) }
        for case let output? in node.outputs { drop(output) }
        graph.nodeStorage[id.index] = nil
        hasChanges = true
    }

    /// Makes every reader of `old` read `new` instead. Where `old` is a graph output, `new` takes over its
    /// name, so that the graph's signature stays as it is.
    ///
    /// - Throws: `GraphError.capturedName` if a subgraph reads `old` by name;
    ///   `GraphError.outputConflict` if `old` is a graph output and `new` cannot take its name: it is one
    ///   too, or is a graph input, an initialiser, or captured by a subgraph.
    public mutating func replaceUses(of old: ValueID, with new: ValueID) throws(GraphError) {
        guard old != new else { return }
        let (from, to) = (graph[old], graph[new])
        guard from.uses.allSatisfy({ $0.position != nil }) else {
            throw GraphError.capturedName(from.name)
        }
        if from.isGraphOutput {
            guard case .node = to.definition, !to.isGraphOutput,
                to.uses.allSatisfy({ $0.position != nil })
            else { throw GraphError.outputConflict(from.name) }
        }
        hasChanges = true
        for use in from.uses {
            guard let position = use.position else { continue }
            graph.nodeStorage[use.node.index]?.inputs[position] = new
        }
        graph.valueStorage[new.index]?.uses.append(contentsOf: from.uses)
        graph.valueStorage[old.index]?.uses = []
        if from.isGraphOutput { takeOverOutput(from, to) }
    }

    // MARK: Graph

    public mutating func setOpset(_ domain: String, _ version: Int) {
        hasChanges = true
        graph.opsets[domain] = version
    }

    public mutating func setName(_ name: String) { graph.name = name }

    /// The changed graph, its nodes in topological order.
    ///
    /// - Throws: `GraphError.cycle`.
    public consuming func commit() throws(GraphError) -> Graph {
        try graph.sortTopologically()
        return graph
    }

    // MARK: Bookkeeping

    private mutating func addValue(
        _ name: String, type: ValueType?, definition: Value.Definition, docString: String
    ) throws(GraphError) -> ValueID {
        guard !name.isEmpty, graph.valuesByName[name] == nil else { throw GraphError.duplicateName(name) }
        let id = ValueID(index: graph.valueStorage.count)
        graph.valueStorage.append(
            Value(
                id: id, name: name, type: type, definition: definition, initializer: nil, uses: [],
                outputCount: 0, docString: docString, metadata: []))
        graph.valuesByName[name] = id
        hasChanges = true
        return id
    }

    private mutating func drop(_ id: ValueID) {
        graph.valuesByName[graph[id].name] = nil
        graph.valueStorage[id.index] = nil
        hasChanges = true
    }

    private mutating func addUse(of value: ValueID, _ use: Use) {
        graph.valueStorage[value.index]?.uses.append(use)
    }

    private mutating func removeUse(of value: ValueID, _ use: Use) {
        guard let index = graph.valueStorage[value.index]?.uses.firstIndex(of: use) else { return }
        graph.valueStorage[value.index]?.uses.swapRemove(at: index)
    }

    private mutating func takeOverOutput(_ old: Value, _ new: Value) {
        for index in graph.outputs.indices where graph.outputs[index] == old.id {
            graph.outputs[index] = new.id
        }
        graph.valueStorage[old.id.index]?.outputCount = 0
        graph.valueStorage[new.id.index]?.outputCount = old.outputCount
        graph.valueStorage[old.id.index]?.name = new.name
        graph.valueStorage[new.id.index]?.name = old.name
        graph.valuesByName[new.name] = old.id
        graph.valuesByName[old.name] = new.id
        if let type = old.type { graph.valueStorage[new.id.index]?.type = type }
    }
}

extension Array {
    fileprivate mutating func swapRemove(at index: Int) {
        swapAt(index, count - 1)
        removeLast()
    }
}
