import GraphIR

/// One convolution of a block's body with its shape.
public struct BodyLayer: Sendable {
    /// The Conv node.
    public let convolution: NodeID
    /// The number of input channels, over all groups.
    public let inputChannels: Int
    /// The number of filters.
    public let outputChannels: Int
    /// The convolution's groups; at least 1.
    public let groups: Int

    /// Whether each filter reads one channel, and no two the same.
    var isDepthwise: Bool { groups > 1 && groups == inputChannels && groups == outputChannels }

    /// Whether a body may hold the node: its operator acts on each channel by itself, or is a convolution or
    /// a normalisation over the channels, and its constants can be cut by channel.
    static func allows(_ node: Node, in graph: Graph) -> Bool {
        switch node.operatorType {
        case "Conv", "BatchNormalization", "Transpose", "LayerNormalization": true
        case let type where BlockRecogniser.activations.contains(type):
            node.inputs.allSatisfy { graph.constant($0).map(isScalarOrPerChannel) ?? true }
        case let type where BlockRecogniser.arithmetic.contains(type):
            node.inputs.allSatisfy { graph.constant($0).map(isScalarOrPerChannel) ?? true }
        default: false
        }
    }

    /// Whether a constant broadcasts over a map [N, C, H, W] as one number, or as one for each channel.
    private static func isScalarOrPerChannel(_ tensor: Tensor) -> Bool {
        tensor.elementCount == 1 || tensor.channelAxis != nil
    }

    /// The convolutions of a body; nil if there is none, or a weight is not a 4-D float constant.
    static func layers(of body: [NodeID], in graph: Graph) -> [BodyLayer]? {
        var layers: [BodyLayer] = []
        for node in body.map({ graph[$0] }) where node.isOperator("Conv") {
            guard let weights = graph.constant(node.input(1)), weights.rank == 4 else { return nil }
            var groups = 1
            if case .int(let value)? = node.attributes["group"] { groups = Int(clamping: value) }
            guard groups >= 1, weights.shape[0] % groups == 0 else { return nil }
            let (inputs, overflow) = weights.shape[1].multipliedReportingOverflow(by: groups)
            guard !overflow else { return nil }
            layers.append(
                BodyLayer(
                    convolution: node.id, inputChannels: inputs, outputChannels: weights.shape[0],
                    groups: groups))
        }
        return layers.isEmpty ? nil : layers
    }
}

extension Tensor {
    /// The axis on which a constant that broadcasts over [N, C, H, W] has one number for each channel, while
    /// all its other extents are 1; nil if there is none.
    var channelAxis: Int? {
        let axis = rank - 3
        guard rank <= 4, axis >= 0, shape[axis] == elementCount, elementCount > 1 else { return nil }
        return axis
    }
}
