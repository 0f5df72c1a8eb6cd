import GraphIR
import Operators

/// Puts a BatchNormalization after every convolution that has none, and moves the bias into it.
///
///     before: x -> Conv(W, b) -> y
///     after:  x -> Conv(W) -> y_conv -> BatchNormalization(1, b, 0, 1 - epsilon) -> y
///
/// The inverse of folding, as far as possible: a folded scale, mean and variance cannot be told apart again.
/// It gives training a normalisation to work with; the outputs stay the same.
///
/// Conditions:
/// 1. The convolution's output does not have a BatchNormalization as its only reader.
/// 2. W, and b if there is one, are float16, float or double constants, b with one element for each filter.
/// 3. The opset is 7 or later.
public struct SeparateBatchNormalization: LocalPass {
    public let name = "separate-batch-normalization"
    public let summary = "Every Conv is followed by a BatchNormalization, which takes over its bias."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.isOperator("Conv"), edit.graph.opsets.onnx >= 7, let output = node.output(0),
            edit.graph.soleConsumer(of: output)?.isOperator("BatchNormalization") != true,
            let weights = edit.graph.constant(node.input(1)), let filters = weights.shape.first,
            let ones = Tensor(
                rounding: [Double](repeating: 1, count: filters), to: weights.elementType, shape: [filters]),
            let bias = bias(of: node, filters, weights.elementType, in: edit.graph),
            case let name = edit.graph[output].name,
            let normalization = NeutralNormalization(scale: ones, shift: bias, name: name)
        else { return }
        let parameters = try normalization.addParameters(to: &edit)
        edit.setInput(node.id, 2, nil)
        try edit.interpose(
            "BatchNormalization", after: output, innerName: edit.uniqueName("\(name)_conv"),
            name: "\(node.name.isEmpty ? name : node.name)_bn", parameters: parameters,
            attributes: ["epsilon": .float(NeutralNormalization.epsilon)])
    }

    private func bias(of conv: Node, _ filters: Int, _ type: ElementType, in graph: Graph) -> Tensor? {
        guard let input = conv.input(2) else {
            return Tensor(
                rounding: [Double](repeating: 0, count: filters), to: type, shape: [filters])
        }
        guard let bias = graph.constant(input), bias.elementType == type, bias.shape == [filters] else {
            return nil
        }
        return bias
    }
}
