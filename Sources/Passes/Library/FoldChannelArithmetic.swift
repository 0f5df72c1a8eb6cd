import GraphIR
import Operators

/// Folds arithmetic with a constant for each channel into the convolution or matrix product before it.
///
///     before: x -> Conv(W, b) -> c -> Mul(k) -> y          k: one element, or [C, 1, 1] and the like
///     after:  x -> Conv(W', b') -> y                       (ConvTranspose and Gemm, Add, Sub and Div alike)
///
/// Conditions:
/// 1. The node is Mul, Add or Sub of c and a constant, or Div of c by one; the opset is 7 or later.
/// 2. Only it reads c: no other node, no subgraph, no graph output.
/// 3. W, and b if there is one, are constant (`LinearLayer`).
/// 4. k is of W's type and has one element, or one for each channel on c's axis 1, so that y has c's shape.
/// 5. Every new weight is finite.
///
/// Formula, for each channel m:  y = s c + t,  W'[m] = s W[m],  b'[m] = s b[m] + t.  In double precision,
/// rounded once.
public struct FoldChannelArithmetic: LocalPass {
    public let name = "fold-channel-arithmetic"
    public let summary = "Mul, Add, Sub and Div by constants per channel are folded into weights and bias."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let output = node.output(0), let arithmetic = try ChannelArithmetic(node, in: edit.graph),
            let folded = arithmetic.layer.parameters(
                factors: arithmetic.factors, shifts: arithmetic.shifts)
        else { return }
        try edit.setParameters(folded, of: arithmetic.layer, name: edit.graph[output].name)
        try edit.adopt(output, by: arithmetic.layer.node)
    }
}

/// y = factors * c + shifts for each channel of a layer's output c.
private struct ChannelArithmetic {
    let layer: LinearLayer
    let factors: [Double]
    let shifts: [Double]

    init?(_ node: Node, in graph: Graph) throws {
        guard node.domain.isEmpty, graph.opsets.onnx >= 7, node.inputs.count == 2,
            let a = node.input(0), let b = node.input(1),
            let position = [0, 1].first(where: { graph.constant(node.input($0)) != nil }),
            let constant = graph.constant(node.input(position)),
            let producer = graph.producer(of: position == 0 ? b : a), let inner = producer.output(0),
            graph.soleConsumer(of: inner)?.id == node.id, let rank = graph[inner].shape?.rank, rank >= 2,
            let layer = try LinearLayer(producer, in: graph), constant.elementType == layer.elementType,
            let values = constant.channelValues(layer.channels, rank: rank)
        else { return nil }
        self.layer = layer
        let ones = [Double](repeating: 1, count: layer.channels)
        let zeros = [Double](repeating: 0, count: layer.channels)
        switch (node.operatorType, position) {
        case ("Mul", _): (factors, shifts) = (values, zeros)
        case ("Div", 1): (factors, shifts) = (values.map { 1 / $0 }, zeros)
        case ("Add", _): (factors, shifts) = (ones, values)
        case ("Sub", 1): (factors, shifts) = (ones, values.map { -$0 })
        case ("Sub", 0): (factors, shifts) = (ones.map { -$0 }, values)
        default: return nil
        }
    }
}
