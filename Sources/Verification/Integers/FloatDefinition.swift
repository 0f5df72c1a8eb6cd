import GraphIR
import Operators

/// The float network that a quantised graph stands for: its weights as the numbers that their integers mean, and no
/// rounding of activations.
///
///     before: producer -> y/float -> QuantizeLinear -> y/quantized -> DequantizeLinear -> y -> readers
///     after:  producer -> y -> readers
///
/// A DequantizeLinear of constants becomes a constant. Values keep the names that their readers know, so a manifest
/// stays true.
enum FloatDefinition {
    /// - Throws: `GraphError`, `OperatorError` for constants that cannot be evaluated.
    static func of(_ graph: Graph) throws -> Graph {
        var edit = GraphEdit(graph)
        for node in graph.nodes where node.isOperator("DequantizeLinear") {
            let constants = node.inputs.map { $0.flatMap { graph.constant($0) } }
            if constants.first.flatMap({ $0 }) != nil, let rule = OperatorRegistry.find(node) {
                let context = OperatorContext(graph: graph, node: node, inputs: constants)
                try edit.replaceNode(node.id, withConstants: try rule.evaluate(context, constants))
            } else {
                try remove(node.id, &edit)
            }
        }
        return try ShapeInference.infer(try edit.commit())
    }

    /// Removes a DequantizeLinear with the QuantizeLinear before it, if there is one.
    private static func remove(_ id: NodeID, _ edit: inout GraphEdit) throws {
        let node = edit.graph[id]
        guard let bytes = node.input(0), let value = node.output(0),
            let quantizer = edit.graph.producer(of: bytes), quantizer.isOperator("QuantizeLinear"),
            let real = quantizer.input(0)
        else { return }
        if let producer = edit.graph.producer(of: real), producer.outputs.count == 1,
            edit.graph.soleConsumer(of: real)?.id == quantizer.id,
            edit.graph.soleConsumer(of: bytes)?.id == id
        {
            try edit.adopt(bytes, by: producer.id)
            return try edit.adopt(value, by: producer.id)
        }
        guard edit.canReplaceUses(of: value, with: real) else { return }
        try edit.replaceUses(of: value, with: real)
        try edit.removeNode(id)
        if edit.graph[bytes].useCount == 0 { try edit.removeNode(quantizer.id) }
    }
}

extension Graph {
    /// Whether nodes turn activations into integers and back.
    var isQuantized: Bool { nodes.contains { $0.isOperator("QuantizeLinear") } }
}
