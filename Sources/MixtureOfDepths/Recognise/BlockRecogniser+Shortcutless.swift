import GraphIR

extension BlockRecogniser {
    /// The blocks in topological order, including those without a shortcut that still count in a stage.
    ///
    /// - In networks of inverted residuals: the blocks that change resolution or width, which are the first
    ///   of their stages.
    /// - In networks without any residual block (VGG): the convolutions with a spatial kernel. The block's
    ///   own input is the residual stream.
    func addingShortcutless(to residual: [ConvBlock]) -> [ConvBlock] {
        let others: [ConvBlock]
        if residual.isEmpty {
            others = plainBlocks()
        } else if residual.contains(where: { $0.kind == .invertedResidual }) {
            let taken = residual.reduce(into: Set<NodeID>()) { $0.formUnion($1.nodes) }
            others = graph.nodes.compactMap {
                taken.contains($0.id) ? nil : invertedResidual(projectedBy: $0)
            }
        } else {
            return residual
        }
        return (residual + others).sorted { place(of: graph[$0.closing]) < place(of: graph[$1.closing]) }
    }

    // MARK: Inverted residuals

    /// The inverted residual without a shortcut that ends in the convolution `projection`.
    ///
    ///     input -> [1x1 -> [BN] -> activation] -> depthwise -> [BN] -> activation -> 1x1 -> [BN] -> output
    ///
    /// Conditions: the first 1x1 widens, and no activation follows the last.
    private func invertedResidual(projectedBy projection: Node) -> ConvBlock? {
        guard let down = weightShape(of: projection), down.isPointwise, let active = projection.input(0),
            let (behindDepthwise, depthwise) = convolution(behind: active),
            weightShape(of: depthwise)?.isDepthwise == true, let expanded = depthwise.input(0)
        else { return nil }
        var input = expanded
        var body = [depthwise.id] + behindDepthwise + [projection.id]
        if let (behindExpansion, expansion) = convolution(behind: expanded), let data = expansion.input(0),
            let up = weightShape(of: expansion), up.isPointwise, up[0] > up[1]
        {
            input = data
            body = [expansion.id] + behindExpansion + body
        }
        var closing = projection
        if let follower = closing.output(0).flatMap({ graph.soleConsumer(of: $0) }),
            follower.isOperator("BatchNormalization")
        {
            body.append(follower.id)
            closing = follower
        }
        guard let output = closing.output(0), activation(after: output) == nil else { return nil }
        return makeBlock(
            closing: closing, finalActivation: [], input: input, sum: output, body: body, shortcut: .none)
    }

    /// The convolution that a value comes from through normalisation, activation and channel attention, and
    /// the nodes between.
    private func convolution(behind value: ValueID) -> (between: [NodeID], convolution: Node)? {
        var between: [[NodeID]] = []
        var current = value
        for _ in 0..<BlockRecogniser.maximumLength {
            guard let producer = graph.producer(of: current) else { return nil }
            if producer.isOperator("Conv") { return (between.reversed().flatMap { $0 }, producer) }
            let step =
                line(from: current).first.flatMap { step in
                    step.nodes.allSatisfy { isPointwiseFunction(graph[$0]) } ? step : nil
                } ?? gate(endingAt: producer)
            guard let step else { return nil }
            between.append(step.nodes)
            current = step.input
        }
        return nil
    }

    /// The channel attention that ends in a product.
    private func gate(endingAt product: Node) -> Step? {
        guard product.isOperator("Mul") else { return nil }
        for map in product.inputs.compactMap({ $0 }).filter(isComputed) {
            guard let factor = product.inputs.compactMap({ $0 }).first(where: { $0 != map }),
                let found = graph.nodes(between: map, and: factor, atMost: BlockRecogniser.maximumLength)
            else { continue }
            let nodes = (found + [product.id]).sorted { place(of: graph[$0]) < place(of: graph[$1]) }
            if BodySpine.gate(nodes.map { graph[$0] }, on: map, in: graph) != nil {
                return Step(nodes: nodes, input: map)
            }
        }
        return nil
    }

    // MARK: Plain networks

    /// The blocks of a network that is one line of convolutions: each Conv with a spatial kernel, together
    /// with the normalisation and the activation after it.
    ///
    ///     input -> Conv -> [BN] -> activation -> output
    ///
    /// Conditions: there are at least two such blocks; every convolution of the graph lies on one line, in
    /// which each value has one reader. Networks that branch (Inception, DenseNet) have no residual stream.
    private func plainBlocks() -> [ConvBlock] {
        let convolutions = graph.nodes.filter { $0.isOperator("Conv") }
        var blocks: [ConvBlock] = []
        for (position, convolution) in convolutions.enumerated() {
            guard let input = convolution.input(0), let output = convolution.output(0) else { return [] }
            let next = position + 1 < convolutions.count ? convolutions[position + 1] : nil
            let (body, value) = activated(output)
            guard next == nil || isLine(from: value, to: next) else { return [] }
            guard let shape = weightShape(of: convolution), !shape.isPointwise, !shape.isDepthwise else {
                continue
            }
            let closing = body.last.map { graph[$0] } ?? convolution
            blocks.append(
                makeBlock(
                    closing: closing, finalActivation: [], input: input, sum: value,
                    body: [convolution.id] + body, shortcut: .none))
        }
        return blocks.count > 1 ? blocks : []
    }

    /// The normalisation and the activation that are the only readers of a convolution's output, and their
    /// result.
    private func activated(_ output: ValueID) -> (nodes: [NodeID], value: ValueID) {
        var nodes: [NodeID] = []
        var value = output
        while let node = graph.soleConsumer(of: value), let next = node.output(0) {
            let isNormalisation = node.isOperator("BatchNormalization") && nodes.isEmpty
            guard isNormalisation || isActivation(node) else { break }
            nodes.append(node.id)
            value = next
            if !isNormalisation { break }
        }
        return (nodes, value)
    }

    /// Whether `node` reads a value directly, or through pooling and other nodes with one reader each.
    private func isLine(from value: ValueID, to node: Node?) -> Bool {
        var value = value
        for _ in 0..<BlockRecogniser.maximumLength {
            guard let reader = graph.soleConsumer(of: value), let output = reader.output(0) else {
                return false
            }
            if reader.id == node?.id { return true }
            value = output
        }
        return false
    }

    // MARK: Facts

    private func weightShape(of node: Node) -> [Int]? {
        guard node.isOperator("Conv"), let shape = graph.constant(node.input(1))?.shape, shape.count == 4
        else { return nil }
        return shape
    }

    /// Whether a node works elementwise, apart from factors and terms per channel.
    private func isPointwiseFunction(_ node: Node) -> Bool {
        node.isOperator("BatchNormalization") || isActivation(node)
            || BlockRecogniser.arithmetic.contains(node.operatorType)
    }
}

extension Graph {
    /// The nodes that compute `end` from `start` and constants; nil if they read another value, or are more
    /// than `limit`.
    fileprivate func nodes(between start: ValueID, and end: ValueID, atMost limit: Int) -> Set<NodeID>? {
        var found: Set<NodeID> = []
        var open = [end]
        while let value = open.popLast() {
            if value == start || self[value].constant != nil { continue }
            guard let node = producer(of: value), found.count < limit else { return nil }
            if found.insert(node.id).inserted { open.append(contentsOf: node.inputs.compactMap { $0 }) }
        }
        return found
    }
}

extension [Int] {
    /// Whether a weight of this shape, [M, C / group, kH, kW], has one tap and reads more than one channel.
    fileprivate var isPointwise: Bool { self[2] == 1 && self[3] == 1 && !isDepthwise }
}
