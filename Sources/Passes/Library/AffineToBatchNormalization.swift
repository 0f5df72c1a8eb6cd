import GraphIR
import Operators

/// Replaces a multiplication and an addition per channel by the equivalent BatchNormalization.
///
///     before: x -> Mul(a) -> m -> Add(b) -> y         a, b: [1, C, 1, 1]       (Keras 3)
///     after:  x -> BatchNormalization(a, b, mean, var) -> y
///
/// Conditions:
/// 1. a and b are float16, float or double constants with one element for each of x's channels, on axis 1.
/// 2. x has at least one spatial axis and a known number of channels, more than one: a single factor is not a
///    normalisation.
/// 3. Only the Add reads m.
/// 4. The opset is 7 or later, in which these operators broadcast and normalise as assumed.
///
/// Formula: scale = a, B = b, mean = 0, epsilon = 1e-5, var = 1 - epsilon, so that sqrt(var + epsilon) = 1.
public struct AffineToBatchNormalization: LocalPass {
    public let name = "affine-to-batch-normalization"
    public let summary = "Mul and Add by constants per channel become BatchNormalization."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let match = match(node, in: edit.graph) else { return }
        edit.setOperator(node.id, "BatchNormalization")
        edit.setInput(node.id, 0, match.x)
        for (position, parameter) in try match.normalization.addParameters(to: &edit).enumerated() {
            edit.setInput(node.id, position + 1, parameter)
        }
        edit.setAttribute(node.id, "epsilon", .float(NeutralNormalization.epsilon))
        try edit.removeNode(match.mul)
    }

    private func match(_ node: Node, in graph: Graph)
        -> (x: ValueID, mul: NodeID, normalization: NeutralNormalization)?
    {
        guard node.isOperator("Add"), graph.opsets.onnx >= 7, let output = node.output(0),
            let (product, shift) = operands(of: node, in: graph),
            let mul = graph.producer(of: product), mul.isOperator("Mul"),
            graph.soleConsumer(of: product)?.id == node.id,
            let (x, scale) = operands(of: mul, in: graph),
            let shape = graph[x].shape, shape.rank >= 3, let channels = shape[1].value, channels > 1,
            let scales = scale.perChannel(channels, rank: shape.rank),
            let shifts = shift.perChannel(channels, rank: shape.rank),
            let normalization = NeutralNormalization(
                scale: scales, shift: shifts, name: graph[output].name)
        else { return nil }
        return (x, mul.id, normalization)
    }

    /// The computed and the constant operand, in either order.
    private func operands(of node: Node, in graph: Graph) -> (computed: ValueID, constant: Tensor)? {
        guard node.inputs.count == 2, let a = node.input(0), let b = node.input(1) else { return nil }
        switch (graph.constant(a), graph.constant(b)) {
        case (nil, let constant?): return (a, constant)
        case (let constant?, nil): return (b, constant)
        default: return nil
        }
    }
}

extension Tensor {
    /// The elements as a vector, if they are floating-point numbers that broadcast over a tensor of `rank`
    /// with one number for each of `channels` on axis 1.
    fileprivate func perChannel(_ channels: Int, rank: Int) -> Tensor? {
        let axis = self.rank - (rank - 1)
        guard elementType.isFloatingPoint, self.rank <= rank, elementCount == channels,
            shape.indices.contains(axis), shape[axis] == channels
        else { return nil }
        return reshaped(to: [channels])
    }
}
