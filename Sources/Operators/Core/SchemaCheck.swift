import GraphIR

/// The part of a graph's validity that depends on its operators.
public enum SchemaCheck {
    /// Checks every node of a known operator against its schema: opset, arity, attributes and their types.
    /// Also checks that no shape contradicts a shape rule. O(nodes + edges).
    ///
    /// - Throws: `OperatorError`, or a `GraphError` from the structural check, which runs first.
    public static func validate(_ graph: Graph) throws {
        try GraphCheck.validate(graph)
        for node in graph.nodes { try validate(node, in: graph) }
        _ = try ShapeInference.infer(graph)
    }

    private static func validate(_ node: Node, in graph: Graph) throws(OperatorError) {
        guard let rule = OperatorRegistry.find(node) else { return }
        let label = graph.label(of: node)
        let opset = graph.opsets[node.domain] ?? 1
        guard let first = rule.versions.first, opset >= first else {
            throw OperatorError(
                .unsupported, node: label,
                "\(rule.name) exists from opset \(rule.versions.first ?? 1), the model imports opset \(opset)"
            )
        }
        let schema = rule.schema(opset: opset)
        let needed = node.inputs.prefix(schema.inputs.lowerBound)
        guard node.inputs.count <= schema.inputs.upperBound, needed.count == schema.inputs.lowerBound,
            needed.allSatisfy({ $0 != nil })
        else {
            throw OperatorError(
                .arity, node: label, "has \(node.inputs.count) inputs, needs \(text(schema.inputs))")
        }
        guard schema.outputs.contains(node.outputs.count) else {
            throw OperatorError(
                .arity, node: label, "has \(node.outputs.count) outputs, needs \(text(schema.outputs))")
        }
        try validateAttributes(node, schema, label)
    }

    private static func validateAttributes(
        _ node: Node, _ schema: OperatorSchema, _ label: String
    ) throws(OperatorError) {
        for (name, value) in node.attributes.entries {
            guard let rule = schema.attributes.first(where: { $0.name == name }) else {
                throw OperatorError(
                    .attribute, node: label, "attribute \"\(name)\" is unknown at this opset")
            }
            guard value.fits(rule.kind) else {
                throw OperatorError(.attribute, node: label, "attribute \"\(name)\" is of the wrong kind")
            }
            if rule.kind == .flag, case .int(let number) = value, number != 0, number != 1 {
                throw OperatorError(
                    .attribute, node: label, "attribute \"\(name)\" is \(number), must be 0 or 1")
            }
        }
        for rule in schema.attributes where rule.isRequired && node.attributes[rule.name] == nil {
            throw OperatorError(.attribute, node: label, "attribute \"\(rule.name)\" is missing")
        }
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        if range.upperBound == OperatorSchema.unbounded { return "at least \(range.lowerBound)" }
        return "\(range.lowerBound) to \(range.upperBound)"
    }
}

extension Attribute {
    fileprivate func fits(_ kind: OperatorSchema.AttributeKind) -> Bool {
        switch (self, kind) {
        case (.int, .int), (.int, .flag), (.float, .float), (.string, .string), (.tensor, .tensor),
            (.graph, .graph),
            (.ints, .ints), (.floats, .floats), (.strings, .strings), (.reference, _), (.opaque, _):
            true
        // In some files an empty list has no type of its own.
        case (.ints(let list), .floats), (.ints(let list), .strings): list.isEmpty
        default: false
        }
    }
}
