import GraphIR
import Operators

/// The float network that a quantised graph stands for: its weights as the numbers that their integers mean, and no
/// rounding of activations.
///
///     before: producer -> y/float -> QuantizeLinear -> y/quantized -> DequantizeLinear -> y -> readers
///     after:  producer -> [Clip] -> y -> readers
///
/// A DequantizeLinear of constants becomes a constant. Values keep the names that their readers know, so a manifest
/// stays true; where only the value before the pair has a name that the source knows, it keeps that one. Clip stands
/// for an activation that a quantiser left to the range of the integers, as onnxruntime's does with Relu: where a
/// layer's result cannot be below 0.
struct FloatDefinition {
    /// The network that was quantised.
    let source: Graph
    /// Whether layers whose integers start at 0 end in a Clip. A converted file's activations are nodes.
    let isClamped: Bool

    /// - Throws: `GraphError`, `OperatorError` for constants that cannot be evaluated.
    func of(_ graph: Graph) throws -> Graph {
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
    private func remove(_ id: NodeID, _ edit: inout GraphEdit) throws {
        let node = edit.graph[id]
        guard let bytes = node.input(0), let value = node.output(0),
            let quantizer = edit.graph.producer(of: bytes), quantizer.isOperator("QuantizeLinear"),
            let real = quantizer.input(0)
        else { return }
        let bounds = bounds(of: quantizer, edit.graph)
        let isKnownBefore =
            source.value(named: edit.graph[real].name) != nil
            && source.value(named: edit.graph[value].name) == nil
        if !isKnownBefore, let producer = edit.graph.producer(of: real), producer.outputs.count == 1,
            edit.graph.soleConsumer(of: real)?.id == quantizer.id,
            edit.graph.soleConsumer(of: bytes)?.id == id
        {
            try edit.adopt(bytes, by: producer.id)
            try edit.adopt(value, by: producer.id)
            return try clamp(value, bounds, &edit)
        }
        guard edit.canReplaceUses(of: value, with: real) else { return }
        try edit.replaceUses(of: value, with: real)
        try edit.removeNode(id)
        guard edit.graph[bytes].useCount == 0 else { return }
        try edit.removeNode(quantizer.id)
        try clamp(real, bounds, &edit)
    }

    /// The numbers that a layer's integers can mean, if they start at 0; nil for what is not a layer's result.
    private func bounds(of quantizer: Node, _ graph: Graph) -> (low: Float, high: Float)? {
        guard isClamped, let real = quantizer.input(0), let layer = graph.producer(of: real),
            ["Conv", "ConvTranspose", "Gemm", "MatMul", "Add"].contains(layer.operatorType),
            let scale = graph.constant(quantizer.input(1))?.floats, scale.count == 1,
            let zero = graph.constant(quantizer.input(2)), zero.elementCount == 1
        else { return nil }
        switch (zero.elementType, zero.integers?.first) {
        case (.uint8, 0), (.int8, -128): return (0, 255 * scale[0])
        default: return nil
        }
    }

    private func clamp(
        _ value: ValueID, _ bounds: (low: Float, high: Float)?, _ edit: inout GraphEdit
    ) throws {
        guard let bounds else { return }
        let inner = edit.uniqueName(edit.graph[value].name + "/unclamped")
        guard edit.graph.opsets.onnx >= 11 else {
            try edit.interpose(
                "Clip", after: value, innerName: inner,
                attributes: ["min": .float(bounds.low), "max": .float(bounds.high)])
            return
        }
        let limits = try [bounds.low, bounds.high].map {
            try edit.addInitializer(edit.uniqueName(inner + "/limit"), Tensor(scalar: $0))
        }
        try edit.interpose("Clip", after: value, innerName: inner, parameters: limits)
    }
}

extension Graph {
    /// Whether nodes turn activations into integers and back.
    var isQuantized: Bool { nodes.contains { $0.isOperator("QuantizeLinear") } }
}
