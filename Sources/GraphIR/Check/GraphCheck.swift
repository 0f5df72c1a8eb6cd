/// The executable definition of a well-formed graph.
///
/// The Operators target checks types, and operators against their schemas.
public enum GraphCheck {
    /// Checks SSA form, definitions, uses, topological order and subgraphs. O(nodes + edges).
    ///
    /// - Throws: the first `GraphError` found, in node order.
    public static func validate(_ graph: Graph) throws(GraphError) {
        try validateNames(graph)
        try validateNodes(graph)
        try validateUses(graph)
    }

    private static func validateNames(_ graph: Graph) throws(GraphError) {
        var live = 0
        for value in graph.values {
            live += 1
            guard graph.valuesByName[value.name] == value.id else {
                throw GraphError.duplicateName(value.name)
            }
            let hasContents = value.initializer != nil
            switch value.definition {
            case .initializer where !hasContents:
                throw invalid(value, "is an initialiser without contents")
            case .node where hasContents, .capture where hasContents:
                throw invalid(value, "has both a producer and constant contents")
            default: break
            }
            if let tensor = value.initializer, let type = value.tensorType {
                guard type.merged(with: tensor.type) != nil else {
                    throw invalid(value, "is declared \(type) but holds \(tensor.type)")
                }
            }
        }
        guard live == graph.valuesByName.count else {
            throw GraphError.invalid(place: "graph \"\(graph.name)\"", problem: "its name table is stale")
        }
        for id in graph.inputs where graph[id].definition != .input {
            throw invalid(graph[id], "is listed as an input but defined elsewhere")
        }
    }

    private static func validateNodes(_ graph: Graph) throws(GraphError) {
        var defined = Set(graph.inputs).union(graph.captures)
        for value in graph.values where value.definition == .initializer { defined.insert(value.id) }
        for node in graph.nodes {
            for case let input? in node.inputs + node.captures {
                guard graph.contains(input), defined.contains(input) else {
                    let name = graph.contains(input) ? graph[input].name : "(removed)"
                    throw GraphError.danglingName(name, node: graph.label(of: node))
                }
            }
            for (position, output) in node.outputs.enumerated() {
                guard let output else { continue }
                guard graph[output].definition == .node(node.id, position: position),
                    defined.insert(output).inserted
                else { throw GraphError.duplicateName(graph[output].name) }
            }
            for (_, attribute) in node.attributes.entries {
                switch attribute {
                case .graph(let subgraph): try validate(subgraph)
                case .graphs(let subgraphs): for subgraph in subgraphs { try validate(subgraph) }
                default: break
                }
            }
        }
        for output in graph.outputs where !graph.contains(output) || !defined.contains(output) {
            let name = graph.contains(output) ? graph[output].name : "(removed)"
            throw GraphError.danglingName(name, node: "graph \"\(graph.name)\" outputs")
        }
    }

    private static func validateUses(_ graph: Graph) throws(GraphError) {
        var found: [Int: Int] = [:]
        for node in graph.nodes {
            for case let input? in node.inputs + node.captures { found[input.index, default: 0] += 1 }
        }
        var outputs: [Int: [Int]] = [:]
        for (position, output) in graph.outputs.enumerated() {
            outputs[output.index, default: []].append(position)
        }
        for value in graph.values {
            guard value.uses.count == found[value.id.index, default: 0],
                value.outputPositions == outputs[value.id.index, default: []]
            else { throw invalid(value, "its list of readers is stale") }
        }
    }

    private static func invalid(_ value: Value, _ problem: String) -> GraphError {
        .invalid(place: "value \"\(value.name)\"", problem: problem)
    }
}
