import GraphIR
import Operators

/// Parts that all kinds of MoD blocks have.
extension MoDRecogniser {
    func producer(_ value: ValueID?) -> Node? { value.flatMap { graph.producer(of: $0) } }

    func channels(of value: ValueID) -> Int? {
        guard let shape = graph[value].shape, shape.rank == 4 || shape.rank == 2 else { return nil }
        return shape[1].value
    }

    /// Y, where `body` is added to the first `count` of `channels` channels of X and the others stay.
    func fusion(of body: ValueID, with input: ValueID, channels: Int, _ count: Int) -> ValueID? {
        for follower in graph.consumers(of: body) {
            var node = follower
            if node.isOperator("Pad"), let padded = node.output(0), self.channels(of: padded) == channels,
                let next = graph.soleConsumer(of: padded)
            {
                node = next
                if node.isOperator("MaxPool"), let sum = node.output(0).flatMap(graph.soleConsumer) {
                    node = sum
                }
            }
            guard node.isOperator("Add"), let sum = node.output(0) else { continue }
            if node.inputs.contains(input) { return self.channels(of: sum) == channels ? sum : nil }
            let concat = graph.consumers(of: sum).first {
                $0.isOperator("Concat") && $0.inputs.count == 2 && $0.input(0) == sum
            }
            guard let concat, let output = concat.output(0),
                node.inputs.contains(where: { isPart($0, of: input, from: 0, to: count) }),
                isPart(concat.input(1), of: input, from: count, to: channels)
            else { continue }
            return output
        }
        return nil
    }

    /// Whether a value is channels `start ..< end` of another, by Slice or Split.
    func isPart(_ value: ValueID?, of whole: ValueID, from start: Int, to end: Int) -> Bool {
        part(value).map { $0.whole == whole && $0.start == start && $0.end == end } ?? false
    }

    /// The value that a part of channels is taken from, and which they are.
    func part(_ value: ValueID?) -> (whole: ValueID, start: Int, end: Int)? {
        guard let value, let node = producer(value), let whole = node.input(0),
            let count = channels(of: value),
            let axis = axis(of: node), axis == 1 || axis == -3
        else { return nil }
        switch node.operatorType {
        case "Split":
            var start = 0
            for output in node.outputs {
                guard let output, output != value else { break }
                guard let size = channels(of: output) else { return nil }
                start += size
            }
            return (whole, start, start + count)
        case "Slice":
            let context = OperatorContext(graph: graph, node: node)
            let starts =
                graph.constant(node.input(1))?.integers ?? (try? context.ints("starts"))?.map { Int($0) }
            let steps = graph.constant(node.input(4))?.integers ?? [1]
            guard let start = starts?.first, starts?.count == 1, steps == [1], let all = channels(of: whole),
                start > -all, start <= all
            else { return nil }
            let first = start < 0 ? start + all : start
            return (whole, first, first + count)
        default: return nil
        }
    }

    private func axis(of node: Node) -> Int? {
        let context = OperatorContext(graph: graph, node: node)
        if node.isOperator("Slice") {
            let axes = graph.constant(node.input(3))?.integers ?? (try? context.ints("axes"))?.map { Int($0) }
            return axes?.count == 1 ? axes?.first : nil
        }
        return (try? context.int("axis", default: 0)).flatMap { Int(exactly: $0) }
    }

    /// The convolutions on the way back from a value to one of `ends`, in order; nil if it does not get there.
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

    /// The sizes of a body of these convolutions, whose result is added to the first `processed` channels.
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
        input: ValueID, output: ValueID, gathered: ValueID, body: ValueID, choices: [ChoiceValues] = []
    ) -> BlockValues {
        BlockValues(
            input: graph[input].name, output: graph[output].name, gathered: graph[gathered].name,
            body: graph[body].name, choices: choices)
    }
}
