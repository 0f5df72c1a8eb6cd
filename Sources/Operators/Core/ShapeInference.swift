import GraphIR

/// Infers the types of all values from the graph's inputs and constants.
public enum ShapeInference {
    /// The graph with every type and shape that follows from its operators' shape rules.
    ///
    /// Declared and inferred facts are merged. Nodes of unknown operators keep the file's declarations. One
    /// walk in topological order; O(nodes + edges).
    ///
    /// - Throws: `OperatorError` if a node contradicts its operator or a declared shape.
    public static func infer(_ graph: Graph) throws -> Graph {
        var edit = GraphEdit(graph)
        var extents: [ValueID: [Dim]] = [:]
        for node in graph.nodes { try infer(node, &edit, &extents) }
        return try edit.commit()
    }

    /// Infers the types of one node's outputs, and their contents if they describe shapes.
    static func infer(
        _ node: Node, _ edit: inout GraphEdit, _ extents: inout [ValueID: [Dim]]
    ) throws {
        guard let rule = OperatorRegistry.find(node) else { return }
        let context = OperatorContext(graph: edit.graph, node: node, extents: extents)
        for (output, type) in zip(node.outputs, try rule.inferTypes(context)) {
            guard let output, let type else { continue }
            try edit.refine(output, type, node: node)
        }
        if let output = node.output(0), let contents = try rule.inferExtents(context) {
            extents[output] = contents
        }
    }

    /// The known contents of the values that compute shapes: numbers and symbols.
    public static func extents(_ graph: Graph) throws -> [ValueID: [Dim]] {
        var extents: [ValueID: [Dim]] = [:]
        for node in graph.nodes {
            guard let rule = OperatorRegistry.find(node), let output = node.output(0) else { continue }
            let context = OperatorContext(graph: graph, node: node, extents: extents)
            if let contents = try rule.inferExtents(context) { extents[output] = contents }
        }
        return extents
    }
}

extension OperatorContext {
    /// The context of a node within its graph, before anything is evaluated.
    public init(graph: Graph, node: Node, extents: [ValueID: [Dim]] = [:]) {
        let constants = node.inputs.map { graph.constant($0) }
        self.init(
            label: graph.label(of: node), attributes: node.attributes,
            opset: graph.opsets[node.domain] ?? 1,
            inputTypes: node.inputs.map { $0.flatMap { graph[$0].tensorType } },
            isPresent: node.inputs.map { $0 != nil }, constants: constants,
            extents: zip(node.inputs, constants).map { input, constant in
                input.flatMap { extents[$0] } ?? OperatorContext.extents(of: constant)
            },
            outputCount: node.outputs.count,
            outputTypes: node.outputs.map { $0.flatMap { graph[$0].tensorType } })
        for id in node.captures { captureTypes[graph[id].name] = graph[id].tensorType }
    }
}

extension Graph {
    /// The subgraph with all types inferred, given the types of its captured values in the graph around it.
    func inferred(captures: [String: TensorType]) throws -> Graph {
        var edit = GraphEdit(self)
        for id in self.captures {
            if let type = captures[self[id].name] { edit.setType(id, .tensor(type)) }
        }
        return try ShapeInference.infer(try edit.commit())
    }
}

extension GraphEdit {
    /// Merges an inferred type into the known facts about a value.
    fileprivate mutating func refine(_ id: ValueID, _ type: TensorType, node: Node) throws(OperatorError) {
        let value = graph[id]
        guard let known = value.tensorType else {
            if value.type == nil { setType(id, .tensor(type)) }
            return
        }
        guard let merged = known.merged(with: type) else {
            // Tools that turn an inner value into an output declare it as float without a shape, whatever its
            // type.
            if known.shape == nil, value.isGraphOutput {
                setType(id, .tensor(type))
                setDeclaredType(id, nil)
                return
            }
            throw OperatorError(
                .shape, node: graph.label(of: node),
                "output \"\(value.name)\" is declared \(known) but computes \(type)")
        }
        setType(id, .tensor(merged))
    }
}
