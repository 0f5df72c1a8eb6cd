import GraphIR
import Operators

/// Replaces a product of channels-last images with a matrix by the equivalent 1x1 convolution.
///
///     before: x [N,H,W,C] -> MatMul(W [C,D]) -> Add(b [D]) -> y
///     after:  x -> Transpose(0,3,1,2) -> Conv(W^T [D,C,1,1], b) -> Transpose(0,2,3,1) -> y
///
/// ConvNeXt's linear layers lie between Transposes, which meet their inverses here. Recognition and MAC
/// counting then see a block of convolutions.
///
/// Conditions:
/// 1. W is a floating-point constant matrix, and x an image of two spatial axes.
/// 2. x comes from a Transpose to channels last, at most through normalisation over its channels.
/// 3. The Add is optional. If it is there, b is a vector of D, and nothing else reads the product.
public struct MatMulToConv: LocalPass {
    public let name = "matmul-to-conv"
    public let summary = "MatMul of channels-last images by a constant becomes a 1x1 Conv."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let match = match(node, in: edit.graph) else { return }
        let names = (product: edit.graph[match.output].name, input: edit.graph[match.image].name)
        if let bias = match.bias {
            try edit.adopt(match.output, by: node.id)
            edit.setInput(node.id, 2, bias)
        }
        let image = try edit.add(
            "Transpose", [match.image], output: edit.uniqueName("\(names.input)_channels_first"),
            attributes: ["perm": .ints(ImageLayout.toChannelsFirst(rank: 4).map(Int64.init))])
        edit.setOperator(node.id, "Conv")
        edit.setInput(node.id, 0, image)
        try edit.replaceConstant(node.id, 1, by: match.kernel, name: "\(names.product)_kernel")
        edit.setAttribute(node.id, "kernel_shape", .ints([1, 1]))
        try edit.interpose(
            "Transpose", after: match.output, innerName: edit.uniqueName("\(names.product)_channels_first"),
            name: edit.uniqueName("\(names.product)_transpose"),
            attributes: ["perm": .ints(ImageLayout.toChannelsLast(rank: 4).map(Int64.init))])
    }

    private struct Match {
        let image: ValueID
        /// [D, C, 1, 1].
        let kernel: Tensor
        let bias: ValueID?
        /// The value that the convolution defines: the sum, or the product if there is no Add.
        let output: ValueID
    }

    private func match(_ node: Node, in graph: Graph) -> Match? {
        guard node.isOperator("MatMul"), let image = node.input(0), let product = node.output(0),
            let matrix = graph.constant(node.input(1)), matrix.rank == 2,
            matrix.elementType.isFloatingPoint, graph[image].shape?.rank == 4,
            isChannelsLast(image, in: graph), let kernel = matrix.kernel
        else { return nil }
        guard let add = graph.soleConsumer(of: product), add.isOperator("Add"), let sum = add.output(0),
            let bias = add.inputs.compactMap({ $0 }).first(where: { $0 != product }),
            graph.constant(bias)?.shape == [matrix.shape[1]]
        else { return Match(image: image, kernel: kernel, bias: nil, output: product) }
        return Match(image: image, kernel: kernel, bias: bias, output: sum)
    }

    private func isChannelsLast(_ image: ValueID, in graph: Graph) -> Bool {
        var value = image
        if let node = graph.producer(of: value), node.isOperator("LayerNormalization"),
            let input = node.input(0)
        {
            value = input
        }
        return ImageLayout.channelsFirstSource(of: value, in: graph)?.rank == 4
    }
}

extension Tensor {
    /// The weights [D, C, 1, 1] of the convolution that multiplies by this matrix [C, D].
    fileprivate var kernel: Tensor? {
        guard let rule = OperatorRegistry.find(domain: "", "Transpose") else { return nil }
        let context = OperatorContext(
            label: "constant", attributes: ["perm": .ints([1, 0])], opset: rule.versions.last ?? 1,
            inputTypes: [type], isPresent: [true], constants: [self], extents: [nil], outputCount: 1)
        return try? rule.evaluate(context, [self]).first?.reshaped(to: [shape[1], shape[0], 1, 1])
    }
}
