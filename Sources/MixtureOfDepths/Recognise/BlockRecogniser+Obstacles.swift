import GraphIR
import Operators

extension BlockRecogniser {
    /// The first reason why the block cannot be replaced, in the order in which a reader would look.
    func obstacle(
        _ kind: ConvBlock.Kind, closing: Node, input: ValueID, sum: ValueID, body: [Node],
        shortcut: ConvBlock.Shortcut, channels: (in: Int?, out: Int?), stride: Int
    ) -> Obstacle? {
        guard let shape = graph[input].shape, shape.rank == 4 else {
            return graph[input].shape == nil ? .dynamicShape(graph[input].name) : .notTwoDimensional
        }
        if stride != 1 { return .stride(stride) }
        guard let from = channels.in, let to = channels.out else {
            return .dynamicShape(graph[input].name)
        }
        if from != to { return .widthChange(from: from, to: to) }
        switch shortcut {
        case .identity: break
        case .projection: return .projection
        // Only in a plain network is the block's own input the residual stream.
        case .none: if kind != .plain { return .noShortcut }
        }
        return bodyObstacle(body, closing: closing, input: input, sum: sum) ?? endObstacle(body)
    }

    /// The first reason why the hidden units of the block cannot be cut, while its inputs and outputs stay.
    func hiddenObstacle(
        closing: Node, input: ValueID, sum: ValueID, body: [Node], channels: (in: Int?, out: Int?)
    ) -> Obstacle? {
        guard let shape = graph[input].shape, shape.rank == 4 else {
            return graph[input].shape == nil ? .dynamicShape(graph[input].name) : .notTwoDimensional
        }
        guard channels.in != nil, channels.out != nil else { return .dynamicShape(graph[input].name) }
        return usageObstacle(body, closing: closing, input: input, sum: sum) { _ in true }
    }

    private func bodyObstacle(_ body: [Node], closing: Node, input: ValueID, sum: ValueID) -> Obstacle? {
        let isAllowed = { BodyLayer.allows($0, in: graph) }
        if let obstacle = usageObstacle(body, closing: closing, input: input, sum: sum, isAllowed) {
            return obstacle
        }
        if let node = layoutObstacle(body) { return .unknownNode(graph.label(of: node)) }
        return BodyLayer.layers(of: body.map(\.id), in: graph) == nil ? .noConvolution : nil
    }

    /// The first reason, in the way the body's values are used, why it cannot be replaced.
    private func usageObstacle(
        _ body: [Node], closing: Node, input: ValueID, sum: ValueID, _ isAllowed: (Node) -> Bool
    ) -> Obstacle? {
        var inner: Set<ValueID> = [input]
        let readers = Set(body.map(\.id) + [closing.id])
        for node in body {
            if node.isInTrainingMode(graph) { return .trainingMode(graph.label(of: node)) }
            guard let output = node.output(0), node.domain.isEmpty, isAllowed(node), node.captures.isEmpty,
                node.outputs.dropFirst().allSatisfy({ $0 == nil })
            else { return .unknownNode(graph.label(of: node)) }
            for case let parameter? in node.inputs
            where graph.constant(parameter) == nil && !inner.contains(parameter) {
                return .nonConstantWeights(graph.label(of: node))
            }
            inner.insert(output)
            let value = graph[output]
            if output == sum { continue }
            if value.isGraphOutput { return .graphOutput(value.name) }
            guard value.uses.allSatisfy({ $0.position != nil && readers.contains($0.node) }) else {
                return .severalConsumers("\(node.operatorType.lowercased()) output", value.uses.count)
            }
        }
        if graph[sum].isGraphOutput, graph[sum].useCount > 1 { return .graphOutput(graph[sum].name) }
        // An activation that shares the sum with another reader would leave that reader the wrong value.
        let others = graph.consumers(of: sum)
        if closing.isOperator("Add"), others.count > 1, others.contains(where: { $0.isOperator("Relu") }) {
            return .severalConsumers("the residual sum", others.count)
        }
        return nil
    }

    /// Whether chosen channels cannot enter or leave the body.
    private func endObstacle(_ body: [Node]) -> Obstacle? {
        guard let layers = BodyLayer.layers(of: body.map(\.id), in: graph) else { return .noConvolution }
        // Only whole groups can be cut, and neither a gather nor the first k outputs respect them. A
        // depthwise convolution at the start accepts the gathered channels in any order.
        if let first = layers.first, first.groups > 1, !(first.isDepthwise && layers.count > 1) {
            return .groupedEnd
        }
        if let last = layers.last, last.groups > 1 { return .groupedEnd }
        return nil
    }

    /// The first node that needs another channel axis than it finds: normalisation over the channels needs
    /// the last axis, everything else axis 1.
    private func layoutObstacle(_ body: [Node]) -> Node? {
        var isChannelsLast = false
        for node in body {
            switch node.operatorType {
            case "Transpose":
                let permutation: Attribute = isChannelsLast ? .ints([0, 3, 1, 2]) : .ints([0, 2, 3, 1])
                guard node.attributes["perm"] == permutation else { return node }
                isChannelsLast.toggle()
            case "LayerNormalization":
                guard isChannelsLast, [nil, .int(-1), .int(3)].contains(node.attributes["axis"]) else {
                    return node
                }
            default:
                // Constants per channel are laid out for axis 1.
                let constants = node.inputs.compactMap { graph.constant($0) }
                guard !isChannelsLast || constants.allSatisfy({ $0.elementCount == 1 }) else { return node }
            }
        }
        return isChannelsLast ? body.last : nil
    }
}

extension Node {
    /// Whether the node computes what training needs: statistics of the batch, or values dropped at random.
    ///
    /// BatchNormalization says so by `training_mode` from opset 14 on, and by additional outputs before;
    /// Dropout says so by its third input from opset 12 on.
    func isInTrainingMode(_ graph: Graph) -> Bool {
        if isOperator("BatchNormalization") {
            if graph.opsets.onnx < 14 { return outputs.dropFirst().contains { $0 != nil } }
            if case .int(let mode)? = attributes["training_mode"] { return mode != 0 }
            return false
        }
        return isOperator("Dropout") && graph.constant(input(2))?.integers?.first == 1
    }
}
