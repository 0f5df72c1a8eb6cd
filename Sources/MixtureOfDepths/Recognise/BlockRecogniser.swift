import GraphIR
import Operators

/// Finds the residual Conv-Blocks of a canonical graph.
///
///     input ---> body: Conv [BN] [Relu] Conv ... ---> Add ---> [Relu] ---> output
///        \-----> shortcut: identity, or Conv, pool, pad ... --/
///
/// A block starts from an Add of two computed values. Both operands are followed back through nodes with
/// one data input; the first value that both lines share is the block's input, and the line with more
/// convolutions is the body. Either operand may be the body. Recognition changes nothing, and a block
/// that looks right but cannot be replaced is reported with its obstacle.
///
/// Conditions for a block without obstacle:
/// 1. the shortcut is the identity, the body's stride is 1, and C_in = C_out, both static;
/// 2. the body is a chain of Conv, BatchNormalization and activations with constant weights;
/// 3. no value inside is a graph output or has a second reader.
public struct BlockRecogniser {
    let graph: Graph

    /// The stages of `graph`, in topological order.
    ///
    /// O(nodes * longest body), bodies being followed for at most `maximumLength` nodes.
    public static func stages(in graph: Graph) -> [Stage] {
        let recogniser = BlockRecogniser(graph: graph)
        let blocks = graph.nodes.compactMap { $0.isOperator("Add") ? recogniser.block(at: $0) : nil }
        var groups: [[ConvBlock]] = []
        for block in blocks {
            if let last = groups.last?.last, last.outputChannels == block.outputChannels {
                groups[groups.count - 1].append(block)
            } else {
                groups.append([block])
            }
        }
        return groups.enumerated().map { Stage(index: $0.offset, blocks: $0.element) }
    }

    /// Longer bodies and shortcuts are not followed.
    static let maximumLength = 64

    /// The block whose residual sum is `add`; nil if it is no residual sum of convolutions.
    func block(at add: Node) -> ConvBlock? {
        guard add.inputs.count == 2, let a = add.input(0), let b = add.input(1), a != b,
            let sum = add.output(0), isComputed(a), isComputed(b)
        else { return nil }
        let (first, second) = (line(from: a), line(from: b))
        guard let (depthA, depthB) = meetingPoint(values(a, first), values(b, second)) else {
            return branchingBlock(at: add, a, shortcut: values(b, second))
                ?? branchingBlock(at: add, b, shortcut: values(a, first))
        }
        let sides = [
            (line: first.prefix(depthA), convolutions: convolutionCount(first.prefix(depthA))),
            (line: second.prefix(depthB), convolutions: convolutionCount(second.prefix(depthB))),
        ]
        let bodySide = sides[1].convolutions > sides[0].convolutions ? 1 : 0
        let (body, other) = (sides[bodySide], sides[1 - bodySide])
        guard body.convolutions >= 1, let input = commonValue(a, first.prefix(depthA)) else { return nil }

        let relu = graph.soleConsumer(of: sum).flatMap { $0.isOperator("Relu") ? $0 : nil }
        let nodes = body.line.reversed().map { $0 }
        let convolutions = nodes.map { graph[$0] }.filter { $0.isOperator("Conv") }
        let channels = (in: channels(of: input), out: channels(of: sum))
        let stride = convolutions.map(self.stride).reduce(1, *)
        let bodyStride = max(stride, nodes.map { graph[$0] }.filter(\.isPool).map(self.stride).max() ?? 1)
        let obstacle = self.obstacle(
            add: add, input: input, body: nodes, shortcut: Array(other.line), channels: channels,
            stride: bodyStride)
        return ConvBlock(
            scope: scope(of: add), kind: kind(of: convolutions, channels.in),
            activation: relu == nil ? .pre : .post, shortcut: other.line.isEmpty ? .identity : .projection,
            add: add.id, finalRelu: relu?.id, input: input, output: relu?.output(0) ?? sum, body: nodes,
            shortcutNodes: other.line.reversed(), inputChannels: channels.in, outputChannels: channels.out,
            stride: bodyStride,
            obstacle: obstacle)
    }

    // MARK: Following lines

    /// The nodes met when going back from `value` through nodes with a single computed input.
    func line(from value: ValueID) -> [NodeID] {
        var nodes: [NodeID] = []
        var current = value
        while nodes.count < BlockRecogniser.maximumLength, let node = graph.producer(of: current),
            let next = dataInput(of: node)
        {
            nodes.append(node.id)
            current = next
        }
        return nodes
    }

    /// The positions in both lists of values of the first value that they share.
    func meetingPoint(_ first: [ValueID], _ second: [ValueID]) -> (Int, Int)? {
        let positions = Dictionary(
            second.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: min)
        for (depth, value) in first.enumerated() {
            if let other = positions[value] { return (depth, other) }
        }
        return nil
    }

    /// The value that a line starts from, and the one behind each of its nodes.
    func values(_ operand: ValueID, _ line: [NodeID]) -> [ValueID] {
        [operand] + line.compactMap { dataInput(of: graph[$0]) }
    }

    private func commonValue(_ operand: ValueID, _ line: ArraySlice<NodeID>) -> ValueID? {
        line.last.map { dataInput(of: graph[$0]) } ?? operand
    }

    /// The one computed input of a node of a kind that bodies and shortcuts are made of.
    func dataInput(of node: Node) -> ValueID? {
        guard node.domain.isEmpty, BlockRecogniser.followed.contains(node.operatorType) else { return nil }
        let computed = node.inputs.compactMap { $0 }.filter(isComputed)
        return computed.count == 1 && node.input(0) == computed[0] ? computed[0] : nil
    }

    func isComputed(_ value: ValueID) -> Bool { graph[value].constant == nil }

    private static let followed: Set<String> = [
        "Conv", "BatchNormalization", "Relu", "LeakyRelu", "Clip", "PRelu", "Sigmoid", "HardSigmoid",
        "HardSwish", "Elu", "Selu", "Gelu", "AveragePool", "MaxPool", "Pad", "Slice", "Identity", "Dropout",
        "Concat", "Mul", "Add", "InstanceNormalization", "GroupNormalization", "LayerNormalization",
        "Transpose",
    ]

    // MARK: What a block is

    private func convolutionCount(_ line: ArraySlice<NodeID>) -> Int {
        line.count { graph[$0].isOperator("Conv") }
    }

    func channels(of value: ValueID) -> Int? {
        guard let shape = graph[value].shape, shape.rank == 4 else { return nil }
        return shape[1].value
    }

    func stride(_ node: Node) -> Int {
        guard case .ints(let strides)? = node.attributes["strides"] else { return 1 }
        return strides.map { Int(clamping: $0) }.max() ?? 1
    }

    func kind(of convolutions: [Node], _ channels: Int?) -> ConvBlock.Kind {
        let shapes = convolutions.compactMap { graph.constant($0.input(1))?.shape }.filter { $0.count == 4 }
        guard shapes.count == convolutions.count else { return .other }
        let isPointwise = shapes.map { $0[2] == 1 && $0[3] == 1 }
        if shapes.count == 2, isPointwise == [false, false] { return .basic }
        guard isPointwise == [true, false, true] else { return .other }
        return shapes[1][1] == 1 && shapes[1][0] > shapes[2][0] ? .invertedResidual : .bottleneck
    }

    /// The scope of the Add's name: `/layer1/layer1.1/Add` lies in `/layer1/layer1.1`. Without slashes, or
    /// without a name, the sum's own name stands for the block.
    func scope(of add: Node) -> String {
        let name = add.name.isEmpty ? add.output(0).map { graph[$0].name } ?? "" : add.name
        guard let slash = name.lastIndex(of: "/"), slash > name.startIndex else { return name }
        return String(name[..<slash])
    }
}

extension Node {
    fileprivate var isPool: Bool { isOperator("AveragePool") || isOperator("MaxPool") }
}
