import GraphIR
import Operators

/// The parts that all forms of MoD blocks share.
extension MoDRecogniser: PatternGraph {
    func producer(_ value: ValueID?) -> Node? { value.flatMap { graph.producer(of: $0) } }

    public func constant(_ value: ValueID?) -> Tensor? { graph.constant(value) }

    /// Recognition ignores other readers of the values inside a block.
    public func inner(_ value: ValueID?) -> Node? { producer(value) }

    public func channels(of value: ValueID) -> Int? {
        guard let shape = graph[value].shape, shape.rank == 4 || shape.rank == 2 else { return nil }
        return shape[1].value
    }

    /// Y, the sum of `body` and the first `count` of the `channels` channels of X, with the other channels
    /// unchanged.
    func fusion(of body: ValueID, with input: ValueID, channels: Int, _ count: Int) -> ValueID? {
        var open = [body]
        for _ in 0..<MoDRecogniser.longestFusion {
            let nodes = open.flatMap { graph.consumers(of: $0) }
            for node in nodes {
                if count == channels, node.isOperator("Add"), open == [body], node.inputs.contains(input),
                    let sum = node.output(0)
                {
                    return self.channels(of: sum) == channels ? sum : nil
                }
                if let fusion = ChannelFusion.match(node, in: self), fusion.addend == body,
                    fusion.image == input, fusion.processed == count
                {
                    return fusion.output
                }
            }
            open = nodes.flatMap { $0.outputs.compactMap { $0 } }
        }
        return nil
    }

    /// The most nodes between a body's result and Y.
    private static let longestFusion = 3

    /// The convolutions on the way back from a value to one of `ends`, in order; nil if none of them is
    /// reached.
    func layers(from value: ValueID, to ends: Set<ValueID>) -> [Node]? {
        var layers: [Node] = []
        var value = value
        for _ in 0..<BlockRecogniser.maximumLength {
            if ends.contains(value) { return layers.isEmpty ? nil : layers.reversed() }
            guard let node = producer(value), let next = node.input(0) else { return nil }
            if node.isOperator("Conv") { layers.append(node) }
            value = next
        }
        return nil
    }

    /// The sizes of a body with these convolutions, whose result is added to the first `processed` channels.
    func channelBody(_ layers: [Node], channels: Int, processed: Int) -> ChannelBody {
        let widths = layers.dropLast().compactMap { graph.constant($0.input(1))?.shape.first }
        let groups = layers.map { node in
            (try? OperatorContext(graph: graph, node: node).int("group", default: 1)).flatMap {
                Int(exactly: $0)
            } ?? 1
        }
        return ChannelBody(
            channels: channels, processed: processed, hidden: widths, groups: groups, fused: processed)
    }

    func values(
        input: ValueID, output: ValueID, gathered: ValueID, body: ValueID, choices: [ChoiceValues] = [],
        bias: BiasValues? = nil
    ) -> BlockValues {
        BlockValues(
            input: graph[input].name, output: graph[output].name, gathered: graph[gathered].name,
            body: graph[body].name, choices: choices, bias: bias)
    }

    /// The bias that each sample gets from the means of `image`, if a body's result ends in one (`DynamicBias`):
    ///
    ///     image ── mean over the map ── Conv 1x1 ── z ── Conv 1x1 ── bias ── added to the last convolution
    func bias(of body: ValueID, on image: ValueID) -> (values: BiasValues, rank: Int)? {
        guard let sum = producer(body), sum.isOperator("Add"), let bias = sum.input(1),
            let up = producer(bias), isPointwise(up), let features = up.input(0),
            let down = producer(features), isPointwise(down), let rank = channels(of: features),
            let mean = producer(down.input(0)), isMeanOverMap(mean), mean.input(0) == image
        else { return nil }
        return (BiasValues(features: graph[features].name, bias: graph[bias].name), rank)
    }

    private func isPointwise(_ node: Node) -> Bool {
        node.isOperator("Conv") && graph.constant(node.input(1))?.shape.suffix(2) == [1, 1]
    }
}
