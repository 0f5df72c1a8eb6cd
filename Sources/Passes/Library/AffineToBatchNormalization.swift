import GraphIR
import Operators

/// Writes a multiplication and an addition per channel as one BatchNormalization.
///
///     before: x -> Mul(c) -> Add(d) -> y        (Keras 3 exports its normalisations like this)
///     after:  x -> BatchNormalization(scale c, B d, mean 0, var 1, epsilon 0) -> y
///
/// Conditions:
/// 1. x is a [N, C, H, W] of float or double with a known C; c and d are constants of C elements along the
///    channel axis: [C, 1, 1] or [1, C, 1, 1].
/// 2. Only the Add reads the product: no other node, no subgraph, no graph output.
/// 3. C > 1 (a single factor is no normalisation), and the opset is 7 or later.
///
/// Formula: c * (x - 0) / sqrt(1 + 0) + d = c x + d, exactly.
public struct AffineToBatchNormalization: LocalPass {
    public let name = "affine-to-batch-normalization"
    public let summary = "Mul and Add by constants per channel become one BatchNormalization."

    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.isOperator("Add"), edit.graph.opsets.onnx >= 7, let output = node.output(0),
            let (product, shift) = operands(of: node, in: edit.graph),
            let multiply = edit.graph.producer(of: product), multiply.isOperator("Mul"),
            edit.graph.soleConsumer(of: product)?.id == node.id,
            let (input, scale) = operands(of: multiply, in: edit.graph), scale.count == shift.count,
            let type = edit.graph[input].tensorType,
            let zero = Tensor(rounding: scale.map { _ in 0 }, to: type.elementType, shape: [scale.count]),
            let one = Tensor(rounding: scale.map { _ in 1 }, to: type.elementType, shape: [scale.count]),
            let scales = Tensor(rounding: scale, to: type.elementType, shape: [scale.count]),
            let shifts = Tensor(rounding: shift, to: type.elementType, shape: [shift.count])
        else { return }
        let name = edit.graph[output].name
        var inputs: [ValueID?] = [input]
        for (part, tensor) in [("scale", scales), ("bias", shifts), ("mean", zero), ("var", one)] {
            inputs.append(try edit.addInitializer(edit.uniqueName("\(name)_\(part)"), tensor))
        }
        let normalization = try edit.addNode(
            "BatchNormalization", name: node.name, inputs: inputs,
            outputs: [edit.uniqueName("\(name)_normalized")], attributes: ["epsilon": .float(0)],
            docString: node.docString, metadata: node.metadata)
        guard let normalized = edit.graph[normalization].output(0) else { return }
        // The Add now only hands the result on, so that the new node can take its output's name.
        edit.setInput(node.id, 0, normalized)
        edit.setInput(node.id, 1, nil)
        try edit.adopt(output, by: normalization)
        try edit.removeNode(multiply.id)
    }

    /// The computed operand of a node of two, and the elements of the other, if that is a constant per channel.
    private func operands(of node: Node, in graph: Graph) -> (value: ValueID, constant: [Double])? {
        guard node.inputs.count == 2, let a = node.input(0), let b = node.input(1) else { return nil }
        for (value, other) in [(a, b), (b, a)] where graph[value].constant == nil {
            guard let constant = graph.constant(other), let type = graph[value].tensorType,
                let shape = type.shape, shape.rank == 4, let channels = shape[1].value, channels > 1,
                type.elementType == .float32 || type.elementType == .float64,
                constant.elementType == type.elementType,
                constant.shape == [channels, 1, 1] || constant.shape == [1, channels, 1, 1],
                let elements = constant.doubles
            else { continue }
            return (value, elements)
        }
        return nil
    }
}
