import GraphIR
import Operators

extension BlockRecogniser {
    func channels(of value: ValueID) -> Int? {
        guard let shape = graph[value].shape, shape.rank == 4 else { return nil }
        return shape[1].value
    }

    /// The largest stride of a node along any axis.
    func stride(_ node: Node) -> Int {
        guard case .ints(let strides)? = node.attributes["strides"] else { return 1 }
        return strides.map { Int(clamping: $0) }.max() ?? 1
    }

    /// The family of a body, by the kernels and widths of its convolutions.
    func kind(of convolutions: [Node], _ channels: Int?) -> ConvBlock.Kind {
        let weights = convolutions.compactMap { kernel(of: $0)?.shape }.filter { $0.count == 4 }
        guard weights.count == convolutions.count else { return .other }
        switch weights.map({ $0[2] == 1 && $0[3] == 1 }) {
        case [false, false]: return .basic
        case [true, false, true]:
            return weights[1].isDepthwise && weights[1][0] > weights[2][0] ? .invertedResidual : .bottleneck
        case [false, true] where weights[0].isDepthwise: return .invertedResidual
        case [false, true, true] where weights[0].isDepthwise && weights[1][0] > weights[2][0]:
            return .convNeXt
        default: return .other
        }
    }

    /// The constant weights of a convolution, or the integers that they are dequantised from.
    private func kernel(of convolution: Node) -> Tensor? {
        guard let source = convolution.input(1).flatMap({ graph.producer(of: $0) }),
            source.isQuantizationOperator("DequantizeLinear")
        else { return graph.constant(convolution.input(1)) }
        return graph.constant(source.input(0))
    }

    /// The scope of the closing node's name: `/layer1/layer1.1/Add` lies in `/layer1/layer1.1`. If the name
    /// has no slashes or is missing, the name of the node's result stands for the block.
    func scope(of closing: Node) -> String {
        let name = closing.name.isEmpty ? closing.output(0).map { graph[$0].name } ?? "" : closing.name
        guard let slash = name.lastIndex(of: "/"), slash > name.startIndex else { return name }
        return String(name[..<slash])
    }

    /// The blocks, each with a scope of its own. Where a file's names put several blocks into one scope
    /// (Caffe2's `gpu_0/...`), each is named after its result.
    func namingApart(_ blocks: [ConvBlock]) -> [ConvBlock] {
        let counts = blocks.reduce(into: [String: Int]()) { $0[$1.scope, default: 0] += 1 }
        return blocks.map { block in
            guard counts[block.scope, default: 0] > 1, let sum = graph[block.closing].output(0) else {
                return block
            }
            var block = block
            block.scope = graph[sum].name
            return block
        }
    }

    /// The innermost scope that holds a body without a shortcut. For a plain block it is that of its
    /// convolution, since its nodes may share only the scope of the whole network.
    func scope(of body: [Node]) -> String {
        guard let first = body.first, let last = body.last else { return "" }
        let convolutions = body.count { $0.isOperator("Conv") }
        let names = body.map { $0.name.split(separator: "/", omittingEmptySubsequences: false) }
        let common = names.dropFirst().reduce(names[0][...]) { common, name in
            common.prefix(zip(common, name).prefix { $0 == $1 }.count)
        }
        guard convolutions > 1, common.contains(where: { !$0.isEmpty }) else {
            return scope(of: convolutions > 1 ? last : first)
        }
        return common.joined(separator: "/")
    }

    func isActivation(_ node: Node) -> Bool {
        node.domain.isEmpty && BlockRecogniser.activations.contains(node.operatorType)
    }

    /// Activations that are one node: elementwise functions.
    static let activations: Set<String> = [
        "Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Elu", "Selu",
        "Softplus", "Tanh", "Gelu",
    ]
}

extension [Int] {
    /// Whether each filter of a weight of this shape, [M, C / group, kH, kW], reads one channel.
    var isDepthwise: Bool { count == 4 && self[1] == 1 && self[0] > 1 }
}

extension Node {
    var isPool: Bool { isOperator("AveragePool") || isOperator("MaxPool") }
}

extension Int {
    /// The product of two positive numbers, or the largest number if it overflows.
    func multipliedClamping(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
