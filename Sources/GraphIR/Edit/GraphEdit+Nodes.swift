extension GraphEdit {
    /// Adds a node with new outputs of the given names; an empty name omits an output.
    ///
    /// - Returns: the node; its outputs are `graph[node].outputs`.
    /// - Throws: `GraphError.duplicateName` if an output name is taken.
    @discardableResult
    public mutating func addNode(
        _ operatorType: String, domain: String = "", name: String = "", inputs: [ValueID?],
        outputs: [String], attributes: Attributes = [:], captures: [ValueID] = [], overload: String = "",
        docString: String = "", metadata: [MetadataEntry] = [], deviceConfigurations: [[UInt8]] = []
    ) throws(GraphError) -> NodeID {
        let id = NodeID(index: graph.nodeStorage.count)
        var outputIDs: [ValueID?] = []
        for (position, output) in outputs.enumerated() {
            guard !output.isEmpty else {
                outputIDs.append(nil)
                continue
            }
            outputIDs.append(try addValue(output, type: nil, definition: .node(id, position: position)))
        }
        let node = Node(
            id: id, name: name, domain: OpsetImports.canonical(domain), operatorType: operatorType,
            inputs: inputs, outputs: outputIDs, attributes: attributes, captures: captures,
            overload: overload, docString: docString, metadata: metadata,
            deviceConfigurations: deviceConfigurations)
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

    /// Gives a node another operator of its domain; its inputs and attributes must suit that operator.
    public mutating func setOperator(_ node: NodeID, _ operatorType: String) {
        hasChanges = true
        graph.nodeStorage[node.index]?.operatorType = operatorType
    }

    /// Makes a node read `value` at `position`; nil omits the input. Missing positions before it are omitted
    /// too.
    public mutating func setInput(_ node: NodeID, _ position: Int, _ value: ValueID?) {
        if let old = graph[node].input(position) { removeUse(of: old, Use(node: node, position: position)) }
        graph.nodeStorage[node.index]?.setInput(position, value)
        if let value { addUse(of: value, Use(node: node, position: position)) }
        hasChanges = true
    }

    /// Omits an output that nothing reads; the node's operator must allow that.
    ///
    /// - Throws: `GraphError.stillUsed`.
    public mutating func leaveOutOutput(_ node: NodeID, _ position: Int) throws(GraphError) {
        guard let output = graph[node].output(position) else { return }
        guard graph[output].useCount == 0 else { throw GraphError.stillUsed(graph[output].name) }
        drop(output)
        var outputs = graph[node].outputs
        outputs[position] = nil
        while let last = outputs.last, last == nil { outputs.removeLast() }
        graph.nodeStorage[node.index]?.outputs = outputs
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
}
