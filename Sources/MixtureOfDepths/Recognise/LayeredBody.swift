import GraphIR

/// A body that calibration can cut: convolutions with activations between them.
///
///     x --> prefix --> Conv --> activations --> Conv --> ... --> Conv
///
/// The prefix holds the operators before the first ungrouped convolution: those of a pre-activation block, and
/// ConvNeXt's depthwise convolution and normalisation. Inner convolutions may be grouped, the first and the
/// last are not. Nothing follows the last one, and the nodes between them have no parameters per channel.
public struct LayeredBody: Sendable, Equatable {
    /// A convolution with the activations after it.
    public struct Layer: Sendable, Equatable {
        /// The Conv node.
        public let convolution: NodeID
        /// The activations between this convolution and the next, in order.
        public let activations: [NodeID]
        /// [outputs, inputs / groups, height, width]
        public let weightShape: [Int]
        /// The groups of the convolution.
        public let groups: Int

        /// The number of filters.
        public var outputs: Int { weightShape[0] }
        /// Whether each filter reads one channel, and no two the same: its units are those of the layer
        /// before.
        public var isDepthwise: Bool { groups > 1 && weightShape[1] == 1 && outputs == groups }
        /// The number of parts of equal size that a choice of its outputs, or its inputs, must respect.
        var parts: Int { isDepthwise ? 1 : groups }
    }

    /// The nodes before the first convolution, in order; usually none.
    public let prefix: [NodeID]
    /// The convolutions in order; at least two.
    public let layers: [Layer]
    /// Why only a fixed choice of hidden units can be cut; nil if routers and a choice of channels can, too.
    public let routingObstacle: Obstacle?

    /// The widths between the convolutions.
    public var hidden: [Int] { layers.dropLast().map(\.outputs) }

    /// - Returns: the body of `block`, or the obstacle that keeps it from being cut.
    public static func of(_ block: ConvBlock, in graph: Graph) -> Result<LayeredBody, Obstacle> {
        guard let shapes = BodyLayer.layers(of: block.body, in: graph),
            let first = shapes.firstIndex(where: { $0.groups == 1 }), shapes.count - first >= 2
        else { return .failure(.noHiddenLayer) }
        if shapes.last?.groups != 1 || !shapes[..<first].allSatisfy(\.isDepthwise) {
            return .failure(.groupedEnd)
        }
        let start = block.body.firstIndex(of: shapes[first].convolution) ?? 0
        let prefix = Array(block.body[..<start])
        if let other = prefix.first(where: { !isPrefix(graph[$0], in: graph) }) {
            return .failure(.unknownNode(graph.label(of: graph[other])))
        }
        var activations: [[NodeID]] = []
        for id in block.body[start...] {
            let node = graph[id]
            if node.isOperator("Conv") {
                activations.append([])
            } else if isActivation(node, in: graph) {
                activations[activations.count - 1].append(id)
            } else {
                return .failure(.unknownNode(graph.label(of: node)))
            }
        }
        if let last = activations.last?.first {
            return .failure(.unknownNode(graph.label(of: graph[last])))
        }
        let layers = zip(shapes[first...], activations).map { shape, activations in
            Layer(
                convolution: shape.convolution, activations: activations,
                weightShape: graph.constant(graph[shape.convolution].input(1))?.shape ?? [],
                groups: shape.groups)
        }
        guard layers.allSatisfy({ $0.groups == 1 || $0.isDepthwise || $0.outputs % $0.groups == 0 }) else {
            return .failure(.groupedBody)
        }
        return .success(
            LayeredBody(
                prefix: prefix, layers: layers,
                routingObstacle: routingObstacle(prefix + activations.joined(), layers, in: graph)))
    }

    /// Whether the node may stand before the first convolution.
    private static func isPrefix(_ node: Node, in graph: Graph) -> Bool {
        ["BatchNormalization", "Conv", "Transpose", "LayerNormalization"].contains(node.operatorType)
            || (BlockRecogniser.activations.contains(node.operatorType) && isActivation(node, in: graph))
    }

    /// Whether the node does the same to every channel.
    private static func isActivation(_ node: Node, in graph: Graph) -> Bool {
        BlockRecogniser.isElementwise(node)
            && node.inputs.allSatisfy { graph.constant($0).map { $0.elementCount == 1 } ?? true }
    }

    /// Routers gather the weights of plain convolutions, and find activations that are one node each.
    private static func routingObstacle(
        _ between: [NodeID], _ layers: [Layer], in graph: Graph
    ) -> Obstacle? {
        let nodes = between.map { graph[$0] }
        guard layers.allSatisfy({ $0.groups == 1 }), !nodes.contains(where: { $0.isOperator("Conv") }) else {
            return .groupedBody
        }
        let other = nodes.first {
            !$0.isOperator("BatchNormalization") && !BlockRecogniser.activations.contains($0.operatorType)
        }
        return other.map { .unknownNode(graph.label(of: $0)) }
    }
}

extension ConvBlock {
    /// Why the block cannot be left out; nil if it can. Only a Relu may be applied again to a value that has
    /// passed it, as happens where a block is left out.
    public func dropObstacle(in graph: Graph) -> Obstacle? {
        let other = finalActivation.first { !graph[$0].isOperator("Relu") }
        return obstacle ?? other.map { .unknownNode(graph.label(of: graph[$0])) }
    }
}

extension ReductionWay {
    /// Why a block cannot be reduced in this way; nil if it can.
    public func obstacle(_ block: ConvBlock, _ body: LayeredBody) -> Obstacle? {
        self == .fixedHidden ? block.hiddenObstacle : block.obstacle ?? body.routingObstacle
    }
}
