import GraphIR
import Operators

extension BlockRecogniser {
    /// A block whose body is not a line of nodes. Its hidden units can be cut if the body is a line of steps
    /// such as channel attention; else it is reported with its obstacle.
    ///
    /// - Parameters:
    ///   - result: the body's result.
    ///   - shortcut: the line of the other operand; the body starts from one of its values.
    func branchingBlock(
        at add: Node, _ result: ValueID, shortcut: (operand: ValueID, line: [Step])
    ) -> ConvBlock? {
        guard let sum = add.output(0) else { return nil }
        for (depth, input) in values(shortcut.operand, shortcut.line).enumerated() {
            guard let body = nodes(from: result, backTo: input) else { continue }
            let gate = gateNodes(in: body)
            let convolutions = body.map { graph[$0] }.filter {
                $0.isOperator("Conv") && !gate.contains($0.id)
            }
            guard !convolutions.isEmpty, let culprit = culprit(in: body, from: result) else { return nil }
            let activation = activation(after: sum)
            let label = graph.label(of: culprit)
            let obstacle: Obstacle =
                if culprit.isQuantization {
                    .quantised
                } else {
                    culprit.isOperator("Mul") ? .squeezeExcitation(label) : .unknownNode(label)
                }
            let channels = (in: channels(of: input), out: channels(of: sum))
            let hiddenObstacle =
                switch LayeredBody.of(body, from: input, in: graph) {
                case .failure: obstacle
                case .success:
                    self.hiddenObstacle(
                        closing: add, input: input, sum: sum, body: body.map { graph[$0] },
                        channels: channels)
                }
            return ConvBlock(
                scope: scope(of: add), kind: kind(of: convolutions, channels.in),
                activation: activation == nil ? .pre : .post,
                shortcut: depth == 0 ? .identity : .projection,
                closing: add.id, finalActivation: activation?.nodes ?? [], input: input,
                output: activation?.output ?? sum, body: body,
                shortcutNodes: shortcut.line.prefix(depth).reversed().flatMap(\.nodes),
                inputChannels: channels.in, outputChannels: channels.out,
                stride: convolutions.map(stride).max() ?? 1,
                obstacle: obstacle, hiddenObstacle: hiddenObstacle)
        }
        return nil
    }

    /// The nodes between two values, in topological order; nil if `start` is out of reach.
    private func nodes(from value: ValueID, backTo start: ValueID) -> [NodeID]? {
        var found: Set<NodeID> = []
        var isMet = false
        var open = [value]
        while let current = open.popLast() {
            if current == start {
                isMet = true
                continue
            }
            guard let node = graph.producer(of: current), !found.contains(node.id) else { continue }
            guard found.count < BlockRecogniser.maximumLength, !node.isOperator("Add") || !isResidual(node)
            else { return nil }
            found.insert(node.id)
            open.append(contentsOf: node.inputs.compactMap { $0 }.filter(isComputed))
        }
        return isMet ? found.sorted { place(of: graph[$0]) < place(of: graph[$1]) } : nil
    }

    /// Whether an Add joins two computed values.
    private func isResidual(_ add: Node) -> Bool {
        add.inputs.compactMap { $0 }.filter(isComputed).count == 2
    }

    /// The node to blame for a body that is not a chain: a normalisation across channels, or the first node
    /// at which the way back from the body's result stops.
    private func culprit(in body: [NodeID], from result: ValueID) -> Node? {
        let normalisations = ["InstanceNormalization", "GroupNormalization", "LayerNormalization"]
        if let node = body.map({ graph[$0] }).first(where: { normalisations.contains($0.operatorType) }) {
            return node
        }
        return graph.producer(of: line(from: result).last?.input ?? result)
    }

    /// The nodes that work on a pooled map, such as those of a squeeze-and-excitation gate.
    func gateNodes(in body: [NodeID]) -> Set<NodeID> {
        var pooled: Set<ValueID> = []
        var gate: Set<NodeID> = []
        for node in body.map({ graph[$0] }) {
            let isPool = node.isOperator("GlobalAveragePool") || node.isOperator("ReduceMean")
            let computed = node.inputs.compactMap { $0 }.filter(isComputed)
            guard isPool || (!computed.isEmpty && computed.allSatisfy(pooled.contains)) else { continue }
            gate.insert(node.id)
            pooled.formUnion(node.outputs.compactMap { $0 })
        }
        return gate
    }
}
