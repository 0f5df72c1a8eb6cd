import GraphIR
import Operators

extension BlockRecogniser {
    /// The first reason, in the order in which a reader would look, why the block cannot be replaced.
    func obstacle(
        add: Node, input: ValueID, body: [NodeID], shortcut: [NodeID],
        channels: (in: Int?, out: Int?), stride: Int
    ) -> Obstacle? {
        guard let shape = graph[input].shape, shape.rank == 4 else {
            return graph[input].shape == nil ? .dynamicShape(graph[input].name) : .notTwoDimensional
        }
        if stride != 1 { return .stride(stride) }
        guard let from = channels.in, let to = channels.out else {
            return .dynamicShape(graph[input].name)
        }
        if from != to { return .widthChange(from: from, to: to) }
        if !shortcut.isEmpty { return .projection }
        return bodyObstacle(body, add)
    }

    private func bodyObstacle(_ body: [NodeID], _ add: Node) -> Obstacle? {
        for id in body {
            let node = graph[id]
            guard BodyLayer.allowedOperators.contains(node.operatorType), node.domain.isEmpty,
                node.outputs.dropFirst().allSatisfy({ $0 == nil }), let output = node.output(0)
            else { return .unknownNode(graph.label(of: node)) }
            let value = graph[output]
            if value.isGraphOutput { return .graphOutput(value.name) }
            if value.uses.count != 1 {
                return .severalConsumers("\(node.operatorType.lowercased()) output", value.uses.count)
            }
            for case let parameter? in node.inputs.dropFirst() where graph.constant(parameter) == nil {
                return .nonConstantWeights(graph.label(of: node))
            }
        }
        guard let sum = add.output(0) else { return .noConvolution }
        if graph[sum].isGraphOutput, graph[sum].useCount > 1 { return .graphOutput(graph[sum].name) }
        // A Relu that shares the sum with another reader would leave that reader the wrong value.
        let readers = graph.consumers(of: sum)
        if readers.count > 1, readers.contains(where: { $0.isOperator("Relu") }) {
            return .severalConsumers("the residual sum", readers.count)
        }
        guard let layers = BodyLayer.layers(of: body, in: graph) else { return .noConvolution }
        // Only whole groups can be cut, and a gather or the first k outputs do not respect them.
        for layer in [layers.first, layers.last] where (layer?.groups ?? 1) > 1 {
            return .groupedEnd
        }
        return nil
    }
}
