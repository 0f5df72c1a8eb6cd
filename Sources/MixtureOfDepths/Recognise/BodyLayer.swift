import GraphIR

/// One convolution of a block's body with its shape.
public struct BodyLayer: Sendable {
    public let convolution: NodeID
    public let inputChannels: Int
    public let outputChannels: Int
    public let groups: Int

    /// The operators that a body may hold; all act on each channel by itself, but for Conv.
    static let allowedOperators: Set<String> = [
        "Conv", "BatchNormalization", "Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish",
        "Elu", "Selu", "Softplus", "Tanh", "Gelu",
    ]

    /// The convolutions of a body; nil if there is none, or a weight is not a 4-D float constant.
    static func layers(of body: [NodeID], in graph: Graph) -> [BodyLayer]? {
        var layers: [BodyLayer] = []
        for node in body.map({ graph[$0] }) where node.isOperator("Conv") {
            guard let weights = graph.constant(node.input(1)), weights.rank == 4 else { return nil }
            var groups = 1
            if case .int(let value)? = node.attributes["group"] { groups = Int(clamping: value) }
            guard groups >= 1, weights.shape[0] % groups == 0 else { return nil }
            layers.append(
                BodyLayer(
                    convolution: node.id, inputChannels: weights.shape[1] * groups,
                    outputChannels: weights.shape[0], groups: groups))
        }
        return layers.isEmpty ? nil : layers
    }
}
