import GraphIR
import Operators

/// Folds BatchNormalization into the convolution or matrix product before it.
///
///     before: x -> Conv(W, b) -> c -> BatchNormalization(scale, B, mean, var) -> y
///     after:  x -> Conv(W', b') -> y                    (ConvTranspose and Gemm alike)
///
/// Conditions:
/// 1. The normalisation is that of inference, per channel (`BatchNormalizationParameters`).
/// 2. Only it reads c: no other node, no subgraph, no graph output.
/// 3. W, and b if there is one, are constant (`LinearLayer`); each parameter has one element per channel of
///    c.
/// 4. Every new weight is finite.
///
/// Formula, for each channel m:  s = scale / sqrt(var + epsilon),  W'[m] = s W[m],
/// b'[m] = s b[m] + (B - s mean).  In double precision, rounded once.
///
/// If other nodes read W or b too, they keep the original; the convolution gets a copy.
public struct FoldBatchNormalization: LocalPass {
    public let name = "fold-batch-normalization"
    public let summary =
        "BatchNormalization after Conv, ConvTranspose or Gemm is folded into their weights and bias."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.isOperator("BatchNormalization"), let output = node.output(0), let input = node.input(0),
            let producer = edit.graph.producer(of: input),
            edit.graph.soleConsumer(of: input)?.id == node.id,
            let layer = try LinearLayer(producer, in: edit.graph),
            let parameters = try BatchNormalizationParameters(node, in: edit.graph),
            let folded = layer.parameters(factors: parameters.factors, shifts: parameters.offsets)
        else { return }
        try edit.setParameters(folded, of: layer, name: edit.graph[output].name)
        try edit.adopt(output, by: layer.node)
    }
}
