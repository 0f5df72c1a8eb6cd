import CKernels
import GraphIR
import Operators

/// The product of a matrix of bytes and constant weights, and the nodes after it that its step computes too:
///
///     DequantizeLinear, DequantizeLinear (weights) -> Gemm or MatMul -> [[Relu or Clip] -> QuantizeLinear]
///
/// or QGemm, QLinearMatMul, MatMulInteger.
struct QuantizedProduct {
    private let node: Node
    private var nodes: [Node]
    private let input: QuantizedValue
    private let weights: QuantizedWeights
    private let bias: [Int32]?
    private let dequantized: [ValueID]
    private var output: ValueID
    private var result: ByteConvolution.Result?

    static func match(_ node: Node, _ context: PatternContext) throws -> QuantizedProduct? {
        switch (node.domain, node.operatorType) {
        case ("", "Gemm"), ("", "MatMul"): try spelledOut(node, context)
        case ("com.microsoft", "QGemm"): try gemm(node, context)
        case ("", "QLinearMatMul"): linear(node, context)
        case ("", "MatMulInteger"): integer(node, context)
        default: nil
        }
    }

    private static func spelledOut(_ node: Node, _ context: PatternContext) throws -> QuantizedProduct? {
        let facts = context.specialization.context(node)
        let isGemm = node.isOperator("Gemm")
        let isTransposed = isGemm ? try facts.int("transB", default: 0) == 0 : true
        guard let input = context.dequantized(node.input(0)), let source = node.input(0),
            let matrix = node.input(1),
            let weights = context.dequantizedWeights(
                matrix, axis: isTransposed ? 1 : 0, isTransposed: isTransposed),
            try !isGemm || isPlain(facts), let output = node.output(0),
            let bias = context.bias(isGemm ? node.input(2) : nil, input.quantization, weights)
        else { return nil }
        var product = QuantizedProduct(
            node: node, nodes: [node], input: input, weights: weights, bias: bias.isEmpty ? nil : bias,
            dequantized: [source, matrix] + [node.input(2)].compactMap { $0 }, output: output,
            result: .floats(input.quantization, weights))
        if let quantizing = try context.quantizing(output) {
            product.nodes += quantizing.nodes
            product.output = quantizing.result.bytes
            product.result = .bytes(
                input.quantization, weights, quantizing.result.quantization, quantizing.range)
        }
        return product
    }

    /// Whether a Gemm only multiplies, and adds its third operand.
    private static func isPlain(_ facts: OperatorContext) throws -> Bool {
        try facts.int("transA", default: 0) == 0 && facts.float("alpha", default: 1) == 1
            && (!facts.hasInput(2) || facts.float("beta", default: 1) == 1)
    }

    private static func gemm(_ node: Node, _ context: PatternContext) throws -> QuantizedProduct? {
        let facts = context.specialization.context(node)
        let isTransposed = try facts.int("transB", default: 0) == 0
        guard try isPlain(facts), let input = context.quantized(node, bytes: 0, scale: 1, zero: 2),
            let weights = QuantizedWeights(
                context.constant(node.input(3)), scale: context.constant(node.input(4)),
                zero: context.constant(node.input(5)), isTransposed: isTransposed),
            let output = node.output(0)
        else { return nil }
        var bias: [Int32]?
        if let operand = node.input(6) {
            guard let tensor = context.constant(operand), tensor.elementType == .int32,
                tensor.elementCount == weights.scales.count
            else { return nil }
            bias = try tensor.elements(of: Int32.self)
        }
        var result = ByteConvolution.Result.floats(input.quantization, weights)
        if node.input(7) != nil {
            guard
                let y = context.quantization(
                    node, scale: 7, zero: 8, of: context.type(of: output)?.elementType)
            else { return nil }
            result = .bytes(input.quantization, weights, y, y.range)
        }
        return QuantizedProduct(
            node: node, nodes: [node], input: input, weights: weights, bias: bias, dequantized: [],
            output: output,
            result: result)
    }

    private static func linear(_ node: Node, _ context: PatternContext) -> QuantizedProduct? {
        guard let input = context.quantized(node, bytes: 0, scale: 1, zero: 2),
            let weights = QuantizedWeights(
                context.constant(node.input(3)), scale: context.constant(node.input(4)),
                zero: context.constant(node.input(5)), isTransposed: true),
            let output = node.output(0),
            let y = context.quantization(node, scale: 6, zero: 7, of: context.type(of: output)?.elementType)
        else { return nil }
        return QuantizedProduct(
            node: node, nodes: [node], input: input, weights: weights, bias: nil, dequantized: [],
            output: output,
            result: .bytes(input.quantization, weights, y, y.range))
    }

    private static func integer(_ node: Node, _ context: PatternContext) -> QuantizedProduct? {
        guard let input = context.integerOperand(node), let output = node.output(0),
            let weights = QuantizedWeights(
                context.constant(node.input(1)), scales: [1], zero: context.constant(node.input(3)),
                isTransposed: true)
        else { return nil }
        return QuantizedProduct(
            node: node, nodes: [node], input: input,
            weights: weights, bias: nil, dequantized: [], output: output, result: .sums(weights))
    }

    /// The step, or nil if there is no kernel for it.
    func pattern(_ context: PatternContext, _ cache: inout WeightCache) -> QuantizedPattern? {
        guard weights.tensor.rank == 2, let x = context.type(of: input.bytes),
            let y = context.type(of: output),
            x.shape.count >= 2, let result, let size = shape(x.shape, y.shape),
            let plan = ck_q_plan(size, weights, input.quantization, CK_Q_PIXELS, context.settings)
        else { return nil }
        let key = WeightCache.Key(
            source: WeightCache.Source(convolution: node.id, isNormalized: false), method: plan.packing)
        let packed = cache.weights(key) { PackedBytes(plan, weights, bias: bias) }
        let choice = KernelChoice(kernel: ByteConvolution(plan, packed, result))
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: node), nodes: nodes.map(\.id), work: .kernels([choice]),
                inputs: [input.bytes], outputs: [output]),
            place: nodes[nodes.count - 1].id, dequantized: dequantized)
    }

    /// The product as a 1x1 convolution over an image of one row, whose pixels are the rows of the matrix.
    private func shape(_ x: [Int], _ y: [Int]) -> ck_conv_shape? {
        let (inputs, outputs) =
            weights.isTransposed
            ? (weights.tensor.shape[0], weights.tensor.shape[1])
            : (weights.tensor.shape[1], weights.tensor.shape[0])
        guard x.last == inputs, y == Array(x.dropLast()) + [outputs],
            let rows = Shape.elementCount(of: Array(x.dropLast())),
            rows > 0, inputs > 0, let pixels = Int32(exactly: rows), let columns = Int32(exactly: outputs),
            let depth = Int32(exactly: inputs)
        else { return nil }
        return ck_conv_shape(
            batch: 1, groups: 1, in_channels: depth, in_height: 1, in_width: pixels, out_channels: columns,
            out_height: 1, out_width: pixels, kernel_height: 1, kernel_width: 1, stride_y: 1, stride_x: 1,
            dilation_y: 1, dilation_x: 1, pad_top: 0, pad_left: 0)
    }
}
