import GraphIR

/// A body that calibration can cut: convolutions with activations between them.
///
///     x --> prefix --> Conv --> activations --> Conv --> ... --> Conv
///
/// The prefix holds the operators of a pre-activation block before its first convolution; they act on each
/// channel by itself. Convolutions are ungrouped, nothing follows the last one, and the nodes between them
/// have no parameters per channel.
public struct LayeredBody: Sendable, Equatable {
    /// A convolution with the activations after it.
    public struct Layer: Sendable, Equatable {
        /// The Conv node; its group is 1.
        public let convolution: NodeID
        /// The activations between this convolution and the next.
        public let activations: [NodeID]
        /// [outputs, inputs, height, width]
        public let weightShape: [Int]

        /// The number of filters.
        public var outputs: Int { weightShape[0] }
        /// The channels that a filter reads.
        public var inputs: Int { weightShape[1] }
    }

    /// The nodes before the first convolution, in order; usually none.
    public let prefix: [NodeID]
    /// The convolutions in order; at least two.
    public let layers: [Layer]

    /// The widths between the convolutions.
    public var hidden: [Int] { layers.dropLast().map(\.outputs) }

    /// - Returns: the body of `block`, or the obstacle that keeps it from being cut.
    public static func of(_ block: ConvBlock, in graph: Graph) -> Result<LayeredBody, Obstacle> {
        guard block.shortcut != .none else { return .failure(.noShortcut) }
        // Only a Relu may be applied again to a value that has passed it, as happens where a block is
        // dropped.
        if let other = block.finalActivation.first(where: { !graph[$0].isOperator("Relu") }) {
            return .failure(.unknownNode(graph.label(of: graph[other])))
        }
        guard let shapes = BodyLayer.layers(of: block.body, in: graph), shapes.count >= 2 else {
            return .failure(.noHiddenLayer)
        }
        guard shapes.allSatisfy({ $0.groups == 1 }) else { return .failure(.groupedBody) }
        var prefix: [NodeID] = []
        var convolutions: [NodeID] = []
        var activations: [[NodeID]] = []
        for id in block.body {
            let node = graph[id]
            if node.isOperator("Conv") {
                convolutions.append(id)
                activations.append([])
            } else if convolutions.isEmpty,
                node.isOperator("BatchNormalization") || isActivation(node, in: graph)
            {
                prefix.append(id)
            } else if !convolutions.isEmpty, isActivation(node, in: graph) {
                activations[activations.count - 1].append(id)
            } else {
                return .failure(.unknownNode(graph.label(of: node)))
            }
        }
        if let last = activations.last?.first {
            return .failure(.unknownNode(graph.label(of: graph[last])))
        }
        let layers = zip(convolutions, activations).map { convolution, activations in
            Layer(
                convolution: convolution, activations: activations,
                weightShape: graph.constant(graph[convolution].input(1))?.shape ?? [])
        }
        return .success(LayeredBody(prefix: prefix, layers: layers))
    }

    /// Whether the node does the same to every channel.
    private static func isActivation(_ node: Node, in graph: Graph) -> Bool {
        BlockRecogniser.activations.contains(node.operatorType)
            && node.inputs.dropFirst().allSatisfy { input in
                input == nil || graph.constant(input)?.elementCount == 1
            }
    }
}
