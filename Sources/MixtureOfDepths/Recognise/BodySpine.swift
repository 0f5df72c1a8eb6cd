import GraphIR

/// A body as steps from its input to its result, each of which computes one value from the one before it.
///
///     x --> Conv --> [Sigmoid, Mul] --> Conv --> [GlobalAveragePool, Conv, ..., Mul] --> Conv --> result
///
/// A step is one node, or all nodes between a value and the node at which every way from it ends.
struct BodySpine {
    /// The effect of a step on the channels of its value.
    enum Effect: Equatable {
        /// A convolution with constant weights.
        case convolution
        /// Each channel of the result follows from that channel alone, or, for a gate, from all of them by a
        /// convolution of their means. The cuts are its constants with one entry for each channel.
        case channelwise([UnitCut])
        /// Anything else.
        case opaque
    }

    struct Step {
        /// In topological order.
        let nodes: [NodeID]
        let effect: Effect
    }

    /// In the order of computation.
    let steps: [Step]

    /// - Parameter body: in topological order; its last node computes the result.
    /// - Returns: nil if a way back from the result leaves the body, other than at `input`.
    init?(_ body: [NodeID], from input: ValueID, in graph: Graph) {
        guard let last = body.last, var value = graph[last].output(0) else { return nil }
        let places = Dictionary(uniqueKeysWithValues: body.enumerated().map { ($0.element, $0.offset) })
        var steps: [Step] = []
        while value != input {
            guard let (nodes, start) = BodySpine.nodes(endingAt: value, places, graph) else { return nil }
            let effect = BodySpine.effect(of: nodes.map { graph[$0] }, on: start, in: graph)
            steps.append(Step(nodes: nodes, effect: effect))
            value = start
        }
        self.steps = steps.reversed()
    }

    /// The nodes of the step that computes a value, and the value that it starts from.
    private static func nodes(
        endingAt value: ValueID, _ places: [NodeID: Int], _ graph: Graph
    ) -> (nodes: [NodeID], start: ValueID)? {
        var found: Set<NodeID> = []
        var open: Set<ValueID> = [value]
        // As long as several values are open, the latest one is replaced by what it is computed from.
        repeat {
            let makers = open.compactMap { value in
                graph.producer(of: value).flatMap { node in places[node.id].map { (value, node, $0) } }
            }
            guard let (latest, node, _) = makers.max(by: { $0.2 < $1.2 }) else { return nil }
            open.remove(latest)
            found.insert(node.id)
            open.formUnion(node.inputs.compactMap { $0 }.filter { graph.constant($0) == nil })
        } while open.count > 1
        guard let start = open.first else { return nil }
        return (found.sorted(by: places), start)
    }

    private static func effect(of nodes: [Node], on start: ValueID, in graph: Graph) -> Effect {
        if nodes.count == 1, nodes[0].isOperator("Conv") {
            guard nodes[0].input(0) == start, BodyLayer.layers(of: [nodes[0].id], in: graph) != nil else {
                return .opaque
            }
            return .convolution
        }
        var cuts: [UnitCut] = []
        for node in nodes {
            guard let found = channelwise(node, in: graph) else {
                return gate(nodes, on: start, in: graph).map { .channelwise($0) } ?? .opaque
            }
            cuts += found
        }
        return .channelwise(cuts)
    }

    /// The constants with one entry for each channel, of a node that works on each channel by itself; nil for
    /// other nodes.
    private static func channelwise(_ node: Node, in graph: Graph) -> [UnitCut]? {
        guard node.outputs.count == 1 else { return nil }
        if node.isOperator("BatchNormalization") {
            return node.isInTrainingMode(graph)
                ? nil : node.inputs.indices.dropFirst().map { UnitCut(node: node.id, input: $0, axis: 0) }
        }
        if node.isPool { return [] }
        guard BlockRecogniser.isElementwise(node) else { return nil }
        var cuts: [UnitCut] = []
        for (index, input) in node.inputs.enumerated() {
            guard let tensor = graph.constant(input), tensor.elementCount > 1 else { continue }
            guard let axis = tensor.channelAxis else { return nil }
            cuts.append(UnitCut(node: node.id, input: index, axis: axis))
        }
        return cuts
    }
}

/// A constant that has one entry for each unit of a layer along an axis, and is cut with the units.
public struct UnitCut: Sendable, Hashable {
    /// The node that reads the constant.
    public let node: NodeID
    /// The constant's place among the node's inputs.
    public let input: Int
    /// The axis with one entry for each unit.
    public let axis: Int

    /// The place of the constant.
    public var place: ConstantPlace { ConstantPlace(node: node, input: input) }
}

/// Where a node reads a constant.
public struct ConstantPlace: Sendable, Hashable {
    /// The node that reads the constant.
    public let node: NodeID
    /// The constant's place among the node's inputs.
    public let input: Int

    /// The input of that number of a node.
    public init(node: NodeID, input: Int) { (self.node, self.input) = (node, input) }
}
