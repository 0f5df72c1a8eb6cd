import GraphIR

/// Raises graphs of opsets 1 to 6 to opset 7, the oldest that the rest of the package knows.
///
/// Opset 7 replaced the attributes for broadcasting, and for the choice between training and inference
/// (`is_test`). Nodes whose operator means the same at opset 7 stay as they are; others are rewritten
/// (`OldSpelling`). Attributes without meaning (`consumed_inputs`) are dropped.
public enum OldOpset {
    /// The oldest opset of graphs after reading.
    public static let oldest = 7

    /// The graph at opset 7; the graph itself if its opset is not older. O(nodes + edges).
    ///
    /// - Throws: `OperatorError` for the first node that cannot be expressed at opset 7.
    public static func raise(_ graph: Graph) throws -> Graph {
        let opset = graph.opsets.onnx
        guard graph.opsets[""] != nil, opset < oldest else { return graph }
        var edit = GraphEdit(graph)
        var extents: [ValueID: [Dim]] = [:]
        edit.setOpset("", oldest)
        for node in graph.nodes {
            if node.domain.isEmpty {
                for (name, attribute) in node.attributes.entries {
                    guard case .graph(let inner) = attribute else { continue }
                    edit.setAttribute(node.id, name, .graph(try raise(inner)))
                }
                try respell(node, opset, &edit)
            }
            // Later nodes may need the rank of this one's outputs.
            try ShapeInference.infer(edit.graph[node.id], &edit, &extents)
        }
        return try edit.commit()
    }

    private static func respell(_ node: Node, _ opset: Int, _ edit: inout GraphEdit) throws {
        let context = OldSpelling.Context(node: node.id, label: edit.graph.label(of: node), opset: opset)
        guard let rule = OperatorRegistry.find(node) else {
            throw context.refusal("is not known, so that opset \(opset) cannot be read as opset \(oldest)")
        }
        edit.setAttribute(node.id, "consumed_inputs", nil)
        if let spelling = OldSpelling.find(node.operatorType) {
            if opset < spelling.version { try spelling.rewrite(context, &edit) }
            return
        }
        let first = rule.versions.first ?? 1
        guard first <= opset else {
            throw context.refusal("exists from opset \(first), the model imports opset \(opset)")
        }
        // Versions up to opset 7 that `OldSpelling` does not list only dropped `consumed_inputs`, or accepted
        // more.
    }
}
