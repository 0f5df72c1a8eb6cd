import GraphIR
import Operators

/// Folds BatchNormalization into the convolution before it.
///
///     before: x -> Conv(W, b) -> c -> BatchNormalization(scale, B, mean, var) -> y
///     after:  x -> Conv(W', b') -> y
///
/// Conditions:
/// 1. The normalisation is that of inference, per channel (`BatchNormalizationParameters`).
/// 2. Only it reads c: no other node, no subgraph, no graph output.
/// 3. W, and b if there is one, are constant, and the parameters are as many as W has filters.
/// 4. Every new weight is finite.
///
/// Formula, for each filter m:  s = scale / sqrt(var + epsilon),  W'[m] = s W[m],
/// b'[m] = s (b[m] - mean) + B.  In double precision, rounded once.
///
/// A W or b that other nodes read too is left to them; the convolution gets copies.
public struct FoldBatchNormalization: LocalPass {
    public let name = "fold-batch-normalization"
    public let summary = "BatchNormalization after Conv is folded into the convolution's weights and bias."

    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.isOperator("BatchNormalization"), let output = node.output(0), let input = node.input(0),
            let conv = edit.graph.producer(of: input), conv.isOperator("Conv"),
            edit.graph.soleConsumer(of: input)?.id == node.id,
            let parameters = try BatchNormalizationParameters(node, in: edit.graph),
            let folded = fold(parameters, into: conv, of: edit.graph)
        else { return }
        try edit.replaceConstant(conv.id, 1, by: folded.weights, name: "\(edit.graph[output].name)_weight")
        try edit.replaceConstant(conv.id, 2, by: folded.bias, name: "\(edit.graph[output].name)_bias")
        try edit.adopt(output, by: conv.id)
    }

    private func fold(_ parameters: BatchNormalizationParameters, into conv: Node, of graph: Graph)
        -> (weights: Tensor, bias: Tensor)?
    {
        guard let weights = graph.constant(conv.input(1)), weights.shape.first == parameters.channels,
            let scaled = weights.scalingFirstAxis(by: parameters.factors)
        else { return nil }
        var bias = [Double](repeating: 0, count: parameters.channels)
        if let present = conv.input(2) {
            guard let values = graph.constant(present)?.doubles, values.count == bias.count else {
                return nil
            }
            bias = values
        }
        let shifted = bias.indices.map { parameters.apply(bias[$0], channel: $0) }
        guard let newBias = Tensor(rounding: shifted, to: weights.elementType, shape: [bias.count]),
            scaled.isFinite, newBias.isFinite
        else { return nil }
        return (scaled, newBias)
    }
}
