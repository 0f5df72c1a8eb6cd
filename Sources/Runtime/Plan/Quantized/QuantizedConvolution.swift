import CKernels
import GraphIR
import Operators

/// A convolution of bytes with constant weights, and the nodes after it that its step computes too:
///
///     DequantizeLinear, DequantizeLinear (weights) -> Conv -> [Relu or Clip] -> QuantizeLinear
///         -> [DequantizeLinear, with another -> Add -> [Relu or Clip] -> QuantizeLinear]
///
/// or QLinearConv, or ConvInteger. Without a quantisation after it, the sums become floats.
struct QuantizedConvolution {
    private let node: Node
    private var nodes: [Node]
    private let input: QuantizedValue
    private let weights: QuantizedWeights
    private let bias: [Int32]?
    private let shape: ConvolutionShape
    private var dequantized: [ValueID]
    private var output: ValueID
    private var result: Ending
    private var residual: (value: QuantizedValue, kernel: ByteConvolution.Residual)?

    private enum Ending {
        case bytes(LinearQuantization, ClosedRange<Int>)
        case floats
        case sums
    }

    static func match(
        _ node: Node, _ context: PatternContext, _ taken: Set<NodeID>
    ) throws -> QuantizedConvolution? {
        let convolution: QuantizedConvolution? =
            switch (node.domain, node.operatorType) {
            case ("", "Conv"): try spelledOut(node, context)
            case ("", "QLinearConv"): try linear(node, context)
            case ("", "ConvInteger"): try integer(node, context)
            default: nil
            }
        guard var convolution else { return nil }
        try convolution.absorbSum(context, taken)
        return convolution
    }

    private static func spelledOut(_ node: Node, _ context: PatternContext) throws -> QuantizedConvolution? {
        guard let input = context.dequantized(node.input(0)), let source = node.input(0),
            let kernel = node.input(1),
            let weights = context.dequantizedWeights(kernel, axis: 0), let output = node.output(0),
            let x = context.type(of: input.bytes),
            let shape = try ConvolutionShape(
                context.specialization.context(node), x.shape, weights.tensor.shape),
            let bias = context.bias(node.input(2), input.quantization, weights)
        else { return nil }
        var convolution = QuantizedConvolution(
            node: node, nodes: [node], input: input, weights: weights, bias: bias.isEmpty ? nil : bias,
            shape: shape,
            dequantized: [source, kernel] + [node.input(2)].compactMap { $0 }, output: output, result: .floats
        )
        if let quantizing = try context.quantizing(output) {
            convolution.nodes += quantizing.nodes
            convolution.output = quantizing.result.bytes
            convolution.result = .bytes(quantizing.result.quantization, quantizing.range)
        }
        return convolution
    }

    private static func linear(_ node: Node, _ context: PatternContext) throws -> QuantizedConvolution? {
        guard let input = context.quantized(node, bytes: 0, scale: 1, zero: 2), let output = node.output(0),
            let weights = QuantizedWeights(
                context.constant(node.input(3)), scale: context.constant(node.input(4)),
                zero: context.constant(node.input(5))),
            let result = context.quantization(
                node, scale: 6, zero: 7, of: context.type(of: output)?.elementType),
            let x = context.type(of: input.bytes),
            let shape = try ConvolutionShape(
                context.specialization.context(node).taking(0, 3, 8), x.shape, weights.tensor.shape)
        else { return nil }
        var bias: [Int32]?
        if let operand = node.input(8) {
            guard let tensor = context.constant(operand), tensor.elementType == .int32 else { return nil }
            bias = try tensor.elements(of: Int32.self)
        }
        return QuantizedConvolution(
            node: node, nodes: [node], input: input, weights: weights, bias: bias, shape: shape,
            dequantized: [],
            output: output, result: .bytes(result, result.range))
    }

    private static func integer(_ node: Node, _ context: PatternContext) throws -> QuantizedConvolution? {
        guard let input = context.integerOperand(node), let x = context.type(of: input.bytes),
            let output = node.output(0),
            let weights = QuantizedWeights(
                context.constant(node.input(1)), scales: [1], zero: context.constant(node.input(3))),
            let shape = try ConvolutionShape(
                context.specialization.context(node).taking(0, 1), x.shape, weights.tensor.shape)
        else { return nil }
        return QuantizedConvolution(
            node: node, nodes: [node], input: input,
            weights: weights, bias: nil, shape: shape, dequantized: [], output: output, result: .sums)
    }

    /// Absorbs the sum with other bytes, if it is the only reader of the result.
    private mutating func absorbSum(_ context: PatternContext, _ taken: Set<NodeID>) throws {
        guard case .bytes(let own, _) = result, let next = context.follower(of: output) else { return }
        let sum: QuantizedSum?
        if next.isQuantizationOperator("DequantizeLinear"), let add = context.follower(of: next.output(0)) {
            sum = try QuantizedSum.spelledOut(add, context)
        } else {
            sum = QuantizedSum.linear(next, context)
        }
        guard let sum, sum.nodes.allSatisfy({ !taken.contains($0.id) }),
            let position = [sum.left, sum.right].firstIndex(where: { $0.bytes == output }),
            sum.left.bytes != sum.right.bytes,
            context.type(of: sum.result.bytes)?.shape == context.type(of: output)?.shape,
            context.type(of: sum.left.bytes)?.shape == context.type(of: sum.right.bytes)?.shape
        else { return }
        let (mine, other) = position == 0 ? (sum.left, sum.right) : (sum.right, sum.left)
        guard mine.quantization == own else { return }
        let unit = sum.result.quantization
        residual = (
            other,
            ByteConvolution.Residual(
                quantization: other.quantization, own: own.scale / unit.scale,
                other: other.quantization.scale / unit.scale, zero: unit.zero, range: sum.range)
        )
        if next.isQuantizationOperator("DequantizeLinear") { nodes.append(next) }
        nodes += sum.nodes
        dequantized += sum.dequantized
        output = sum.result.bytes
    }

    /// The step, or nil if there is no kernel for it.
    func pattern(_ context: PatternContext, _ cache: inout WeightCache) -> QuantizedPattern? {
        guard let x = context.type(of: input.bytes), x.shape.count == 4, BlockedImage(x, of: .bytes) != nil,
            BlockedImage(context.type(of: output), of: .all) != nil, let size = ck_conv_shape(shape)
        else { return nil }
        let kernelResult = kernelResult()
        guard let kernelResult else { return nil }
        var choices: [KernelChoice] = []
        for layout in layouts {
            guard let plan = ck_q_plan(size, weights, input.quantization, layout, context.settings) else {
                continue
            }
            let key = WeightCache.Key(
                source: WeightCache.Source(convolution: node.id, isNormalized: false), method: plan.packing)
            let packed = cache.weights(key) { PackedBytes(plan, weights, bias: bias) }
            let first: Layout = layout == CK_Q_PLANES ? .rowMajor : .blocked
            choices.append(
                KernelChoice(
                    kernel: ByteConvolution(plan, packed, kernelResult, residual: residual?.kernel),
                    inputLayouts: residual == nil ? [first] : [first, .blocked], outputLayouts: [.blocked],
                    inPlaceInputs: residual == nil ? [] : [1]))
        }
        guard !choices.isEmpty else { return nil }
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: node), nodes: nodes.map(\.id), work: .kernels(choices),
                inputs: [input.bytes] + (residual.map { [$0.value.bytes] } ?? []), outputs: [output]),
            place: nodes[nodes.count - 1].id, dequantized: dequantized)
    }

    /// Images of few channels are read as they are; blocks would be mostly padding.
    private var layouts: [ck_q_layout] {
        shape.groups == 1 && shape.channels <= 8 ? [CK_Q_PLANES, CK_Q_BLOCKED] : [CK_Q_BLOCKED]
    }

    private func kernelResult() -> ByteConvolution.Result? {
        switch result {
        case .bytes(let quantization, let range):
            .bytes(input.quantization, weights, quantization, range)
        case .floats: .floats(input.quantization, weights)
        case .sums: .sums(weights)
        }
    }
}

extension ByteConvolution.Result {
    /// The factors x_scale * w_scale / y_scale, in the order in which onnxruntime computes them; nil unless all are
    /// finite.
    static func bytes(
        _ x: LinearQuantization, _ w: QuantizedWeights, _ y: LinearQuantization, _ range: ClosedRange<Int>
    ) -> ByteConvolution.Result? {
        make(CK_Q_BYTES, w.scales.map { x.scale * $0 / y.scale }, zero: y.zero, range)
    }

    static func floats(_ x: LinearQuantization, _ w: QuantizedWeights) -> ByteConvolution.Result? {
        make(CK_Q_FLOATS, w.scales.map { x.scale * $0 }, zero: 0, 0...0)
    }

    static func sums(_ w: QuantizedWeights) -> ByteConvolution.Result? {
        make(CK_Q_SUMS, w.scales, zero: 0, 0...0)
    }

    private static func make(
        _ kind: ck_q_result, _ multipliers: [Float], zero: Int, _ range: ClosedRange<Int>
    ) -> ByteConvolution.Result? {
        guard multipliers.allSatisfy(\.isFinite) else { return nil }
        let padding = [Float](repeating: 0, count: (16 - multipliers.count % 16) % 16 + 16)
        return ByteConvolution.Result(
            kind: kind, multipliers: multipliers + padding, zero: zero, range: range)
    }
}

extension ck_q_plan {
    /// Nil if the kernels cannot compute it.
    init?(
        _ shape: ck_conv_shape, _ weights: QuantizedWeights, _ input: LinearQuantization,
        _ layout: ck_q_layout,
        _ settings: EngineSettings
    ) {
        var (shape, plan) = (shape, ck_q_plan())
        var options = ck_q_options()
        options.isa = settings.instructionSet.kernels
        options.input = layout
        options.signed_input = input.isSigned
        options.input_zero = Int32(input.zero)
        options.threads = Int32(clamping: settings.threads)
        let status = weights.withDescription { weights in
            var weights = weights
            return ck_q_plan_make(&shape, &weights, &options, &plan)
        }
        guard status == CK_OK else { return nil }
        self = plan
    }

    /// A number for what the packed weights depend on beside the weights: the method and the order of the input.
    var packing: UInt32 { 1 << 16 | options.input.rawValue << 8 | method.rawValue }
}

extension PatternContext {
    /// Constant weights that a value is dequantised from, with one quantisation, or one for each index of the axis
    /// of output channels.
    func dequantizedWeights(_ value: ValueID?, axis: Int, isTransposed: Bool = false) -> QuantizedWeights? {
        guard let value, let node = graph.producer(of: value),
            node.isQuantizationOperator("DequantizeLinear"),
            let tensor = constant(node.input(0)), let scale = constant(node.input(1)),
            scale.elementType == .float32,
            node.input(2) == nil || constant(node.input(2)) != nil,
            type(of: value)?.elementType == .float32
        else { return nil }
        let operatorContext = specialization.context(node)
        guard (try? operatorContext.int("block_size", default: 0)) == 0 else { return nil }
        if scale.elementCount > 1 {
            guard scale.rank == 1, let written = try? operatorContext.int("axis", default: 1),
                (written < 0 ? written + tensor.rank : written) == axis
            else { return nil }
        }
        return QuantizedWeights(
            tensor, scale: scale, zero: constant(node.input(2)), isTransposed: isTransposed)
    }

    /// A constant bias in units of the sums, x_scale * w_scale for each channel; empty for none, nil if it is not
    /// constant or its units are too small.
    ///
    /// A bias that the graph holds in these units stays as it is. Any other is rounded.
    func bias(_ value: ValueID?, _ x: LinearQuantization, _ w: QuantizedWeights) -> [Int32]? {
        guard let value else { return [] }
        let units = w.scales.map { Double(x.scale) * Double($0) }
        var numbers: [Double]
        if let node = graph.producer(of: value), node.isQuantizationOperator("DequantizeLinear"),
            let tensor = constant(node.input(0)), tensor.elementType == .int32,
            let integers = tensor.integers,
            let scales = constant(node.input(1))?.floats,
            let zeros = constant(node.input(2))?.integers ?? Optional([0]),
            integers.count == units.count, scales.count == 1 || scales.count == units.count,
            zeros.allSatisfy({ $0 == 0 })
        {
            let factors = scales.count == 1 ? [Float](repeating: scales[0], count: units.count) : scales
            let agrees = zip(factors, units).allSatisfy { abs(Double($0) - $1) <= 1e-5 * $1 }
            if agrees { return integers.map { Int32(truncatingIfNeeded: $0) } }
            numbers = zip(integers, factors).map { Double($0) * Double($1) }
        } else if let floats = constant(value)?.floats, floats.count == units.count {
            numbers = floats.map { Double($0) }
        } else {
            return nil
        }
        var bias: [Int32] = []
        for (number, unit) in zip(numbers, units) {
            let steps = (number / unit).rounded(.toNearestOrEven)
            guard steps.magnitude < 0x1p30 else { return nil }
            bias.append(Int32(steps))
        }
        return bias
    }
}
