/// The only way to change a graph.
///
/// An edit starts from a graph and takes any number of changes; `commit()` returns the changed graph. Uses
/// and definitions are exact after every change. At the end the nodes are put into topological order, old
/// nodes in their old order and new ones right before their first reader.
///
/// Every change is O(uses touched), whatever the size of the graph; `commit()` is O(nodes + edges).
public struct GraphEdit {
    /// The current graph. Its `order` lists new nodes last until `commit()`.
    public internal(set) var graph: Graph
    /// Whether anything was changed.
    public internal(set) var hasChanges = false
    /// The last suffix that `uniqueName` has given each base.
    private var lastSuffixes: [String: Int] = [:]

    /// An edit that starts from `graph`, which stays as it is.
    public init(_ graph: Graph) { self.graph = graph }

    // MARK: Values

    /// Adds a graph input.
    ///
    /// - Throws: `GraphError.duplicateName`.
    @discardableResult
    public mutating func addInput(_ name: String, type: ValueType?) throws(GraphError) -> ValueID {
        let id = try addValue(name, type: type, definition: .input)
        graph.inputs.append(id)
        return id
    }

    /// Adds a constant.
    ///
    /// - Throws: `GraphError.duplicateName`.
    @discardableResult
    public mutating func addInitializer(_ name: String, _ tensor: Tensor) throws(GraphError) -> ValueID {
        let id = try addValue(name, type: .tensor(tensor.type), definition: .initializer)
        graph.valueStorage[id.index]?.initializer = tensor
        return id
    }

    /// Adds a value of the enclosing graph that this subgraph reads.
    @discardableResult
    public mutating func addCapture(_ name: String, type: ValueType?) throws(GraphError) -> ValueID {
        let id = try addValue(name, type: type, definition: .capture)
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
        graph.inputs = graph.requiredInputs
        for id in defaulted { graph.valueStorage[id.index]?.definition = .initializer }
    }

    /// Sets the known type of a value.
    public mutating func setType(_ id: ValueID, _ type: ValueType?) {
        guard graph[id].type != type else { return }
        hasChanges = true
        graph.valueStorage[id.index]?.type = type
    }

    /// Sets the type that the graph's signature shows for one of its inputs or outputs.
    public mutating func setDeclaredType(_ id: ValueID, _ type: ValueType?) {
        guard graph[id].declaredType != type else { return }
        hasChanges = true
        graph.valueStorage[id.index]?.declaredType = type
    }

    /// Sets the notes of a value.
    public mutating func setNotes(_ id: ValueID, _ notes: ValueNotes) {
        graph.valueStorage[id.index]?.notes = notes
    }

    /// Gives a value another name.
    ///
    /// - Throws: `GraphError.duplicateName`; `GraphError.capturedName` if a subgraph refers to the value by
    ///   name.
    public mutating func rename(_ id: ValueID, to name: String) throws(GraphError) {
        let old = graph[id].name
        guard old != name else { return }
        guard !name.isEmpty, graph.valuesByName[name] == nil else { throw GraphError.duplicateName(name) }
        guard !graph[id].isCaptured else { throw GraphError.capturedName(old) }
        hasChanges = true
        graph.valuesByName[old] = nil
        graph.valuesByName[name] = id
        graph.valueStorage[id.index]?.name = name
    }

    /// Appends a value to the graph's outputs.
    ///
    /// - Parameter declared: the type that the source declares for it, if any.
    public mutating func addOutput(_ id: ValueID, declared: ValueType? = nil) {
        hasChanges = true
        graph.valueStorage[id.index]?.outputPositions.append(graph.outputs.count)
        graph.outputs.append(id)
        if let declared { graph.valueStorage[id.index]?.declaredType = declared }
    }

    /// `base`, or `base_1`, `base_2`, ...: the first name that no value of the graph has and that this edit
    /// has not returned for the same base before. O(1), apart from names that the graph had before.
    public mutating func uniqueName(_ base: String) -> String {
        let stem = base.isEmpty ? "value" : base
        guard graph.valuesByName[stem] != nil else { return stem }
        var suffix = lastSuffixes[stem, default: 0] + 1
        while graph.valuesByName["\(stem)_\(suffix)"] != nil { suffix += 1 }
        lastSuffixes[stem] = suffix
        return "\(stem)_\(suffix)"
    }

    /// Removes a value that nothing reads and no node defines.
    ///
    /// - Throws: `GraphError.stillUsed`.
    public mutating func removeValue(_ id: ValueID) throws(GraphError) {
        let value = graph[id]
        guard value.useCount == 0 else { throw GraphError.stillUsed(value.name) }
        switch value.definition {
        case .node: throw GraphError.stillUsed(value.name)
        case .input: graph.inputs.removeAll { $0 == id }
        case .capture: graph.captures.removeAll { $0 == id }
        case .initializer: break
        }
        drop(id)
    }

    // MARK: Graph

    /// Imports another version of a domain's operators; the nodes must be valid in it.
    public mutating func setOpset(_ domain: String, _ version: Int) {
        hasChanges = true
        graph.opsets[domain] = version
    }

    /// Gives the graph another name.
    public mutating func setName(_ name: String) { graph.name = name }

    /// The changed graph, its nodes in topological order.
    ///
    /// - Throws: `GraphError.cycle`.
    public consuming func commit() throws(GraphError) -> Graph {
        try graph.sortTopologically()
        return graph
    }

    // MARK: Bookkeeping

    mutating func addValue(
        _ name: String, type: ValueType?, definition: Value.Definition
    ) throws(GraphError) -> ValueID {
        guard !name.isEmpty, graph.valuesByName[name] == nil else { throw GraphError.duplicateName(name) }
        let id = ValueID(index: graph.valueStorage.count)
        graph.valueStorage.append(
            Value(
                id: id, name: name, type: type, declaredType: nil, definition: definition, initializer: nil,
                uses: []))
        graph.valuesByName[name] = id
        hasChanges = true
        return id
    }

    mutating func drop(_ id: ValueID) {
        graph.valuesByName[graph[id].name] = nil
        graph.valueStorage[id.index] = nil
        hasChanges = true
    }

    mutating func addUse(of value: ValueID, _ use: Use) {
        graph.valueStorage[value.index]?.uses.append(use)
    }

    mutating func removeUse(of value: ValueID, _ use: Use) {
        graph.valueStorage[value.index]?.uses.remove(use)
    }
}
