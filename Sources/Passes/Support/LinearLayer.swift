import GraphIR
import Operators

/// A node that computes y = L(x) + b with constant weights: a convolution, a transposed convolution or a
/// matrix product. Each channel of y (axis 1) can be scaled and shifted by changing the weights.
struct LinearLayer {
    let node: NodeID
    /// The channels of y.
    let channels: Int

    private let weights: Tensor
    /// One element for each channel; nil if the node has no bias.
    private let bias: [Double]?
    /// The number of adjacent elements of the weights that belong to one channel.
    private let blockSize: Int
    /// The channel of a block of weights.
    private let channel: @Sendable (Int) -> Int

    /// Reads a node, if
    /// 1. it is Conv, ConvTranspose or Gemm, and its weights (input 1) are constant, float16, float or
    ///    double,
    /// 2. its bias, if there is one, is constant and has one element for each channel. Gemm's may be one
    ///    element for all, and is multiplied by beta.
    init?(_ node: Node, in graph: Graph) throws {
        guard node.domain.isEmpty, let weights = graph.constant(node.input(1)), weights.elementCount > 0,
            let first = weights.shape.first
        else { return nil }
        let context = OperatorContext(graph: graph, node: node)
        let taps = weights.shape.dropFirst(2).reduce(1, *)
        switch node.operatorType {
        case "Conv" where weights.rank >= 3:
            channels = first
            blockSize = weights.elementCount / first
            channel = { $0 }
        case "ConvTranspose" where weights.rank >= 3:
            // W is [C, M/group, k...]: a group's inputs lead to that group's filters.
            let groups = try context.int("group", default: 1)
            guard groups >= 1, first % groups == 0 else { return nil }
            let (filters, inputs) = (weights.shape[1], first / groups)
            channels = filters * groups
            blockSize = taps
            channel = { $0 / filters / inputs * filters + $0 % filters }
        case "Gemm" where weights.rank == 2:
            let isTransposed = try context.int("transB", default: 0) != 0
            let columns = weights.shape[isTransposed ? 0 : 1]
            channels = columns
            blockSize = isTransposed ? weights.shape[1] : 1
            channel = { $0 % columns }
        default: return nil
        }
        self.node = node.id
        self.weights = weights
        guard let input = node.input(2) else {
            bias = nil
            return
        }
        guard let values = graph.constant(input)?.doubles, let shape = graph.constant(input)?.shape else {
            return nil
        }
        if node.isOperator("Gemm") {
            let beta = Double(try context.float("beta", default: 1))
            guard values.count == 1 || (values.count == channels && shape.last == channels) else {
                return nil
            }
            bias = (0..<channels).map { beta * values[values.count == 1 ? 0 : $0] }
        } else {
            guard values.count == channels else { return nil }
            bias = values
        }
    }

    /// The element type of weights and outputs.
    var elementType: ElementType { weights.elementType }

    struct Parameters {
        let weights: Tensor
        /// Nil if none is needed.
        let bias: Tensor?
    }

    /// The parameters of y' = factors[c] * y + shifts[c], computed in double precision and rounded once; nil
    /// if one of them is not finite.
    func parameters(factors: [Double], shifts: [Double]) -> Parameters? {
        guard factors.count == channels, shifts.count == channels,
            let scaled = weights.scalingBlocks(of: blockSize, by: { factors[channel($0)] }), scaled.isFinite
        else { return nil }
        guard bias != nil || shifts.contains(where: { $0 != 0 }) else {
            return Parameters(weights: scaled, bias: nil)
        }
        let values = (0..<channels).map { factors[$0] * (bias?[$0] ?? 0) + shifts[$0] }
        guard let bias = Tensor(rounding: values, to: elementType, shape: [channels]), bias.isFinite else {
            return nil
        }
        return Parameters(weights: scaled, bias: bias)
    }
}

extension GraphEdit {
    /// Gives a layer other parameters. Other readers of the old ones keep them.
    ///
    /// - Parameter name: the prefix of new constants' names.
    mutating func setParameters(
        _ parameters: LinearLayer.Parameters, of layer: LinearLayer, name: String
    ) throws {
        try replaceConstant(layer.node, 1, by: parameters.weights, name: "\(name)_weight")
        if let bias = parameters.bias {
            try replaceConstant(layer.node, 2, by: bias, name: "\(name)_bias")
            setAttribute(layer.node, "beta", nil)
        }
    }
}
