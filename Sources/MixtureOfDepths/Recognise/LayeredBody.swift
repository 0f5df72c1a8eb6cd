import GraphIR

/// A body that calibration can cut: convolutions with nodes between them that work on each channel by itself.
///
///     x --> prefix --> Conv --> followers --> Conv --> ... --> Conv --> followers
///
/// The prefix holds the nodes before the first ungrouped convolution: those of a pre-activation block, and
/// ConvNeXt's depthwise convolution and normalisation. Inner convolutions may be grouped, the first and the
/// last are not. Followers are activations, poolings, normalisations by channel, and channel attention. What
/// follows the last convolution, and the prefix, may be anything: their channels stay.
public struct LayeredBody: Sendable, Equatable {
    /// A convolution with the nodes after it.
    public struct Layer: Sendable, Equatable {
        /// The Conv node.
        public let convolution: NodeID
        /// The nodes between this convolution and the next, or the end of the body, in order.
        public let followers: [NodeID]
        /// The followers' constants with one entry for each output of the convolution; none after the last
        /// one, whose outputs all stay.
        public let cuts: [UnitCut]
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
        /// The convolutions among the followers that read the means of all outputs, and give something else.
        public var squeezes: [NodeID] {
            let gates = Dictionary(grouping: cuts.filter { $0.input == 1 }, by: \.node)
            return followers.filter { gates[$0]?.map(\.axis) == [1] }
        }
    }

    /// The nodes before the first convolution, in order; usually none.
    public let prefix: [NodeID]
    /// The convolutions in order; at least two.
    public let layers: [Layer]
    /// Why no router can choose hidden units; nil if one can.
    public let routingObstacle: Obstacle?
    /// Why no channels can be chosen; nil if they can.
    public let channelObstacle: Obstacle?

    /// The widths between the convolutions.
    public var hidden: [Int] { layers.dropLast().map(\.outputs) }
    /// The nodes after the last convolution, in order; usually none.
    public var suffix: [NodeID] { layers.last?.followers ?? [] }

    /// - Returns: the body of `block`, or the obstacle that keeps it from being cut.
    public static func of(_ block: ConvBlock, in graph: Graph) -> Result<LayeredBody, Obstacle> {
        of(block.body, from: block.input, in: graph)
    }

    /// - Parameter body: in topological order; its last node computes the result.
    static func of(
        _ body: [NodeID], from input: ValueID, in graph: Graph
    ) -> Result<LayeredBody, Obstacle> {
        guard let spine = BodySpine(body, from: input, in: graph) else { return .failure(.noHiddenLayer) }
        let steps = spine.steps
        let obstacle = steps.first { $0.effect == .opaque }?.nodes.last.map { graph.label(of: graph[$0]) }
        // Of the stretches without an opaque step, the one with the most convolutions.
        let stretches = steps.indices.split { steps[$0].effect == .opaque }.compactMap { stretch in
            core(steps, stretch, in: graph)
        }
        guard let core = stretches.max(by: { $0.count < $1.count }), core.count >= 2 else {
            let convolutions = steps.filter { $0.effect == .convolution }.flatMap(\.nodes)
            let all = BodyLayer.layers(of: convolutions, in: graph)
            if let obstacle, all.map({ $0.count > 1 }) == true { return .failure(.unknownNode(obstacle)) }
            return .failure(all?.last.map { $0.groups > 1 } == true ? .groupedEnd : .noHiddenLayer)
        }
        let layers = core.enumerated().map { place, position in
            let isLast = place == core.count - 1
            let end = isLast ? steps.endIndex : core[place + 1]
            return layer(steps, position, until: end, isLast: isLast, in: graph)
        }
        guard layers.allSatisfy({ $0.groups == 1 || $0.isDepthwise || $0.outputs % $0.groups == 0 }) else {
            return .failure(.groupedBody)
        }
        let prefix = steps[..<core[0]].flatMap(\.nodes)
        let obstacles = obstacles(prefix, layers, in: graph)
        return .success(
            LayeredBody(
                prefix: prefix, layers: layers, routingObstacle: obstacles.routing,
                channelObstacle: obstacles.channels))
    }

    /// The places of the convolutions of a stretch of steps that can be cut: from its first ungrouped one to
    /// its last.
    private static func core(
        _ steps: [BodySpine.Step], _ stretch: Range<Int>.SubSequence, in graph: Graph
    ) -> [Int]? {
        let convolutions = stretch.filter { steps[$0].effect == .convolution }
        guard let layers = BodyLayer.layers(of: convolutions.flatMap { steps[$0].nodes }, in: graph),
            let first = layers.firstIndex(where: { $0.groups == 1 }),
            let last = layers.lastIndex(where: { $0.groups == 1 })
        else { return nil }
        return Array(convolutions[first...last])
    }

    private static func layer(
        _ steps: [BodySpine.Step], _ position: Int, until end: Int, isLast: Bool, in graph: Graph
    ) -> Layer {
        let convolution = steps[position].nodes[0]
        let followers = steps[(position + 1)..<end]
        let cuts = followers.flatMap { step in
            if case .channelwise(let cuts) = step.effect, !isLast { cuts } else { [UnitCut]() }
        }
        return Layer(
            convolution: convolution, followers: followers.flatMap(\.nodes), cuts: cuts,
            weightShape: graph.constant(graph[convolution].input(1))?.shape ?? [],
            groups: BodyLayer.layers(of: [convolution], in: graph)?.first?.groups ?? 1)
    }

    /// Why routers cannot choose hidden units, and why no channels can be chosen.
    ///
    /// Both take plain convolutions alone, and nothing after the last one. Routers find activations that are one node each;
    /// a narrow body may have any elementwise function that holds nothing of single units.
    private static func obstacles(
        _ prefix: [NodeID], _ layers: [Layer], in graph: Graph
    ) -> (routing: Obstacle?, channels: Obstacle?) {
        guard layers.allSatisfy({ $0.groups == 1 }),
            !prefix.contains(where: { graph[$0].isOperator("Conv") })
        else { return (.groupedBody, .groupedBody) }
        let followers = layers.flatMap(\.followers)
        let end =
            prefix.first { !isNormalisation(graph[$0]) && !isActivation(graph[$0]) }
            ?? layers.last?.followers.first
        let routing =
            end ?? followers.first { !isActivation(graph[$0]) } ?? layers.flatMap(\.cuts).first?.node
        let channels = end ?? followers.first { !isElementwise(graph[$0], in: graph) }
        func obstacle(_ node: NodeID) -> Obstacle { .unknownNode(graph.label(of: graph[node])) }
        return (routing.map(obstacle), channels.map(obstacle))
    }

    private static func isElementwise(_ node: Node, in graph: Graph) -> Bool {
        BlockRecogniser.isElementwise(node)
            && node.inputs.allSatisfy { graph.constant($0).map { $0.elementCount == 1 } ?? true }
    }

    private static func isNormalisation(_ node: Node) -> Bool { node.isOperator("BatchNormalization") }

    private static func isActivation(_ node: Node) -> Bool {
        BlockRecogniser.activations.contains(node.operatorType)
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
        switch self {
        case .fixedHidden: block.hiddenObstacle
        case .routedHidden: block.obstacle ?? body.routingObstacle
        case .fixedChannels, .routedChannels, .pairedChannels: block.obstacle ?? body.channelObstacle
        }
    }
}
