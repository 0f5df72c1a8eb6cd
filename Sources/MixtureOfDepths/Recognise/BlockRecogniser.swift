import GraphIR
import Operators

/// Finds the Conv-Blocks of a canonical graph.
///
///     input ---> body: Conv [BN] [Relu] Conv ... ---> Add ---> [Relu] ---> output
///        \-----> shortcut: identity, or Conv, pool, pad ... --/
///
/// A residual block is found from an Add of two computed values. Both operands are followed back through
/// nodes with one data input. The first value that both lines share is the block's input, and the line with
/// more convolutions is the body; either operand may be the body. `BlockRecogniser+Shortcutless` finds blocks
/// without a shortcut. Recognition changes nothing. A block that looks right but cannot be replaced is
/// reported with its obstacle.
///
/// Conditions for a block without an obstacle:
/// 1. the shortcut is the identity, the body's stride is 1, and C_in = C_out, both static;
/// 2. the body is Conv, BatchNormalization, normalisation over the channels and activations, in a line,
///    with constant weights; an activation may be several nodes (`BlockRecogniser+Activation`);
/// 3. no value inside is a graph output or has a reader outside.
public struct BlockRecogniser {
    let graph: Graph
    /// Each node's place in topological order.
    let places: [NodeID: Int]

    init(graph: Graph) {
        self.graph = graph
        places = graph.places
    }

    /// The stages of `graph`, in topological order.
    ///
    /// O(nodes * longest body); bodies are followed for at most `maximumLength` nodes.
    ///
    /// - Parameter chains: whether the blocks of a network without residual blocks are lines of convolutions,
    ///   as long as they are, in place of single ones: lines have hidden units.
    public static func stages(in graph: Graph, chains: Bool = false) -> [Stage] {
        let recogniser = BlockRecogniser(graph: graph)
        let residual = graph.nodes.compactMap { $0.isOperator("Add") ? recogniser.block(at: $0) : nil }
        let blocks = recogniser.namingApart(
            chains && residual.isEmpty
                ? recogniser.convolutionChains() : recogniser.addingShortcutless(to: residual))
        var groups: [[ConvBlock]] = []
        for block in blocks {
            if let last = groups.last?.last, block.continuesStage(of: last) {
                groups[groups.count - 1].append(block)
            } else {
                groups.append([block])
            }
        }
        return groups.enumerated().map { Stage(index: $0.offset, blocks: $0.element) }
    }

    /// Longer bodies and shortcuts are not followed.
    static let maximumLength = 64

    /// The block whose residual sum is `add`; nil if `add` is not a residual sum of convolutions.
    func block(at add: Node) -> ConvBlock? {
        guard add.inputs.count == 2, let a = add.input(0), let b = add.input(1), a != b,
            let sum = add.output(0), isComputed(a), isComputed(b)
        else { return nil }
        let (first, second) = (line(from: a), line(from: b))
        guard let (depthA, depthB) = meetingPoint(values(a, first), values(b, second)) else {
            return branchingBlock(at: add, a, shortcut: (b, second))
                ?? branchingBlock(at: add, b, shortcut: (a, first))
        }
        let sides = [
            (start: a, line: first.prefix(depthA), convolutions: convolutionCount(first.prefix(depthA))),
            (start: b, line: second.prefix(depthB), convolutions: convolutionCount(second.prefix(depthB))),
        ]
        let bodySide = sides[1].convolutions > sides[0].convolutions ? 1 : 0
        let (body, other) = (sides[bodySide], sides[1 - bodySide])
        guard body.convolutions >= 1 else { return nil }
        let input = body.line.last?.input ?? body.start
        let activation = activation(after: sum)
        return makeBlock(
            closing: add, finalActivation: activation?.nodes ?? [], input: input, sum: sum,
            body: body.line.reversed().flatMap(\.nodes),
            shortcut: other.line.isEmpty ? .identity : .projection,
            shortcutNodes: other.line.reversed().flatMap(\.nodes))
    }

    /// A block of these parts, with the facts that follow from them.
    func makeBlock(
        closing: Node, finalActivation: [NodeID], input: ValueID, sum: ValueID, body: [NodeID],
        shortcut: ConvBlock.Shortcut, shortcutNodes: [NodeID] = []
    ) -> ConvBlock {
        let nodes = body.map { graph[$0] }
        let gate = gateNodes(in: body)
        let convolutions = nodes.filter { $0.isOperator("Conv") && !gate.contains($0.id) }
        let channels = (in: channels(of: input), out: channels(of: sum))
        let strides = convolutions.map(self.stride).reduce(1) { $0.multipliedClamping(by: $1) }
        let stride = max(strides, nodes.filter(\.isPool).map(self.stride).max() ?? 1)
        let kind = shortcut == .none && convolutions.count == 1 ? .plain : kind(of: convolutions, channels.in)
        let endsActive =
            !finalActivation.isEmpty || (shortcut == .none && nodes.last.map(isActivation) == true)
        return ConvBlock(
            scope: shortcut == .none ? scope(of: nodes) : scope(of: closing), kind: kind,
            activation: endsActive ? .post : .pre, shortcut: shortcut,
            closing: closing.id, finalActivation: finalActivation, input: input,
            output: finalActivation.last.flatMap { graph[$0].output(0) } ?? sum, body: body,
            shortcutNodes: shortcutNodes,
            inputChannels: channels.in, outputChannels: channels.out, stride: stride,
            obstacle: obstacle(
                kind, closing: closing, input: input, sum: sum, body: nodes, shortcut: shortcut,
                channels: channels, stride: stride),
            hiddenObstacle: hiddenObstacle(
                closing: closing, input: input, sum: sum, body: nodes, channels: channels))
    }

    // MARK: Following lines

    /// One step of a line: the nodes that compute one value from another, in topological order.
    struct Step {
        let nodes: [NodeID]
        let input: ValueID
    }

    /// The steps on the way back from `value`, through nodes with a single computed input and through
    /// activations of several nodes.
    func line(from value: ValueID) -> [Step] {
        var steps: [Step] = []
        var length = 0
        var current = value
        while length < BlockRecogniser.maximumLength, let step = step(to: current) {
            steps.append(step)
            length += step.nodes.count
            current = step.input
        }
        return steps
    }

    private func step(to value: ValueID) -> Step? {
        guard let node = graph.producer(of: value) else { return nil }
        if let input = dataInput(of: node) { return Step(nodes: [node.id], input: input) }
        return compositeActivation(endingAt: node)
    }

    /// The positions, in both lists of values, of the first value that they share.
    func meetingPoint(_ first: [ValueID], _ second: [ValueID]) -> (Int, Int)? {
        let positions = Dictionary(
            second.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: min)
        for (depth, value) in first.enumerated() {
            if let other = positions[value] { return (depth, other) }
        }
        return nil
    }

    /// The values of a line: the one at its start, and the one before each of its steps.
    func values(_ operand: ValueID, _ line: [Step]) -> [ValueID] { [operand] + line.map(\.input) }

    /// The single computed input of a node of a type that bodies and shortcuts are made of.
    func dataInput(of node: Node) -> ValueID? {
        guard node.domain.isEmpty, BlockRecogniser.followed.contains(node.operatorType) else { return nil }
        let computed = node.inputs.compactMap { $0 }.filter(isComputed)
        guard computed.count == 1 else { return nil }
        let isSymmetric = node.isOperator("Mul") || node.isOperator("Add")
        return isSymmetric || node.input(0) == computed[0] ? computed[0] : nil
    }

    func isComputed(_ value: ValueID) -> Bool { graph[value].constant == nil }

    private static let followed: Set<String> = [
        "Conv", "BatchNormalization", "Relu", "LeakyRelu", "Clip", "PRelu", "Sigmoid", "HardSigmoid",
        "HardSwish", "Elu", "Selu", "Gelu", "Softplus", "Tanh", "Div", "AveragePool", "MaxPool", "Pad",
        "Slice",
        "Identity", "Dropout", "Concat", "Mul", "Add", "InstanceNormalization", "GroupNormalization",
        "LayerNormalization", "Transpose",
    ]

    private func convolutionCount(_ line: ArraySlice<Step>) -> Int {
        line.reduce(0) { $0 + $1.nodes.count { graph[$0].isOperator("Conv") } }
    }
}

extension ConvBlock {
    /// Whether the block belongs to the stage that `last` ends: it has the same width, and in a network
    /// without shortcuts nothing, such as a pooling, lies between them.
    fileprivate func continuesStage(of last: ConvBlock) -> Bool {
        guard outputChannels == last.outputChannels else { return false }
        return kind != .plain || input == last.output
    }
}
