import CKernels
import GraphIR
import Operators

/// The sum of two tensors of bytes:
///
///     DequantizeLinear, DequantizeLinear -> Add -> [Relu or Clip] -> QuantizeLinear, or QLinearAdd
struct QuantizedSum {
    let nodes: [Node]
    let left: QuantizedValue
    let right: QuantizedValue
    let result: QuantizedValue
    let range: ClosedRange<Int>
    let dequantized: [ValueID]
    var isProduct = false

    static func spelledOut(_ node: Node, _ context: PatternContext) throws -> QuantizedSum? {
        guard node.isOperator("Add") || node.isOperator("Mul") || node.isOperator("Sum"),
            node.inputs.count == 2,
            let left = context.dequantized(node.input(0)), let right = context.dequantized(node.input(1)),
            let quantizing = try context.quantizing(node.output(0))
        else { return nil }
        return QuantizedSum(
            nodes: [node] + quantizing.nodes, left: left, right: right, result: quantizing.result,
            range: quantizing.range, dequantized: node.inputs.compactMap { $0 },
            isProduct: node.isOperator("Mul"))
    }

    static func linear(_ node: Node, _ context: PatternContext) -> QuantizedSum? {
        guard node.domain == "com.microsoft",
            node.operatorType == "QLinearAdd" || node.operatorType == "QLinearMul",
            let left = context.quantized(node, bytes: 0, scale: 1, zero: 2),
            let right = context.quantized(node, bytes: 3, scale: 4, zero: 5), let output = node.output(0),
            let result = context.quantization(
                node, scale: 6, zero: 7, of: context.type(of: output)?.elementType)
        else { return nil }
        return QuantizedSum(
            nodes: [node], left: left, right: right,
            result: QuantizedValue(bytes: output, quantization: result),
            range: result.range, dequantized: [], isProduct: node.operatorType == "QLinearMul")
    }
}

/// Operations on each byte, or on two.
enum QuantizedElementwise {
    static func match(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        try binary(node, context) ?? gate(node, context) ?? table(node, context)
            ?? linearTable(node, context) ?? conversion(node, context)
    }

    private static func binary(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        guard let sum = try QuantizedSum.spelledOut(node, context) ?? QuantizedSum.linear(node, context),
            let type = context.type(of: sum.result.bytes), type.elementCount > 0,
            let left = context.type(of: sum.left.bytes), let right = context.type(of: sum.right.bytes)
        else { return nil }
        guard left.shape == type.shape, right.shape == type.shape else {
            return sum.isProduct ? try scale(sum, context) : nil
        }
        let unit = sum.result.quantization.scale
        guard (sum.left.quantization.scale / unit).isFinite, (sum.right.quantization.scale / unit).isFinite,
            (sum.left.quantization.scale * sum.right.quantization.scale / unit).isFinite
        else { return nil }
        let choices = layouts(type).map { layout, count in
            KernelChoice(
                kernel: ByteBinary(
                    set: context.settings.instructionSet, chunks: Chunks(of: count, size: chunk),
                    isProduct: sum.isProduct, left: sum.left.quantization, right: sum.right.quantization,
                    result: ByteResult(quantization: sum.result.quantization, range: sum.range)),
                inputLayouts: [layout, layout], outputLayouts: [layout], inPlaceInputs: [0, 1])
        }
        return pattern(
            sum.nodes, choices, [sum.left.bytes, sum.right.bytes], sum.result.bytes, sum.dequantized, context)
    }

    /// A product with one factor for each channel.
    private static func scale(_ sum: QuantizedSum, _ context: PatternContext) throws -> QuantizedPattern? {
        guard let image = BlockedImage(context.type(of: sum.result.bytes), of: .bytes) else { return nil }
        for (images, factors) in [(sum.left, sum.right), (sum.right, sum.left)] {
            guard context.type(of: images.bytes)?.shape == context.type(of: sum.result.bytes)?.shape,
                let type = context.type(of: factors.bytes),
                let step = BlockedScale.factorStep(of: type, image)
            else { continue }
            let kernel = ByteScale(
                set: context.settings.instructionSet, image: image, quantization: images.quantization,
                factors: factors.quantization, factorStep: step,
                result: ByteResult(quantization: sum.result.quantization, range: sum.range))
            let choice = KernelChoice(
                kernel: kernel, inputLayouts: [.blocked, .rowMajor], outputLayouts: [.blocked],
                inPlaceInputs: [0])
            return pattern(
                sum.nodes, [choice], [images.bytes, factors.bytes], sum.result.bytes, sum.dequantized, context
            )
        }
        return nil
    }

    /// A product with float factors, one for each channel.
    private static func gate(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        guard node.isOperator("Mul"), node.inputs.count == 2,
            let quantizing = try context.quantizing(node.output(0)),
            let image = BlockedImage(context.type(of: quantizing.result.bytes), of: .bytes)
        else { return nil }
        for position in 0..<2 {
            guard let value = node.input(position), let images = context.dequantized(value),
                context.type(of: images.bytes)?.shape == context.type(of: quantizing.result.bytes)?.shape,
                let factors = node.input(1 - position), let type = context.type(of: factors),
                type.elementType == .float32, let step = BlockedScale.factorStep(of: type, image)
            else { continue }
            let kernel = ByteScale(
                set: context.settings.instructionSet, image: image, quantization: images.quantization,
                factors: nil,
                factorStep: step,
                result: ByteResult(quantization: quantizing.result.quantization, range: quantizing.range))
            let choice = KernelChoice(
                kernel: kernel, inputLayouts: [.blocked, .rowMajor], outputLayouts: [.blocked],
                inPlaceInputs: [0])
            return pattern(
                [node] + quantizing.nodes, [choice], [images.bytes, factors], quantizing.result.bytes,
                [value],
                context)
        }
        return nil
    }

    /// A function of one byte: its 256 values are evaluated when the plan is made.
    ///
    ///     DequantizeLinear -> [function] -> QuantizeLinear
    private static func table(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        var (nodes, function): ([Node], Node?) = ([], nil)
        var quantize = node
        if !node.isQuantizationOperator("QuantizeLinear") {
            guard node.domain.isEmpty, functions.contains(node.operatorType),
                node.inputs.dropFirst().allSatisfy({ $0 == nil || context.constant($0) != nil }),
                let next = context.follower(of: node.output(0)), next.isQuantizationOperator("QuantizeLinear")
            else { return nil }
            (nodes, function, quantize) = ([node], node, next)
        }
        guard let source = node.input(0), let input = context.dequantized(source),
            let output = quantize.output(0),
            quantize.input(0) == (function?.output(0) ?? source),
            let type = context.type(of: output), let from = context.type(of: input.bytes),
            from.shape == type.shape,
            let result = context.quantization(quantize, scale: 1, zero: 2, of: type.elementType)
        else { return nil }
        let elements: [UInt8]? = try {
            let numbers = (0..<256).map { byte in
                let element = input.quantization.isSigned ? Int(Int8(truncatingIfNeeded: byte)) : byte
                return Float(element - input.quantization.zero) * input.quantization.scale
            }
            guard let function else {
                return numbers.map { UInt8(truncatingIfNeeded: result.element(of: $0)) }
            }
            guard let rule = OperatorRegistry.find(function) else { return nil }
            let inputs = [Tensor(numbers)] + function.inputs.dropFirst().map { context.constant($0) }
            let outputs = try rule.evaluate(
                OperatorContext(graph: context.graph, node: function, inputs: inputs), inputs)
            return outputs.first?.floats?.map { UInt8(truncatingIfNeeded: result.element(of: $0)) }
        }()
        guard let elements, elements.count == 256 else { return nil }
        nodes.append(quantize)
        let choices = layouts(type).map { layout, count in
            KernelChoice(
                kernel: ByteMap(chunks: Chunks(of: count, size: chunk), table: elements),
                inputLayouts: [layout],
                outputLayouts: [layout], inPlaceInputs: [0])
        }
        return pattern(nodes, choices, [input.bytes], output, [source], context)
    }

    /// QLinearSigmoid and QLinearLeakyRelu, evaluated on each of the 256 bytes.
    private static func linearTable(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        guard node.domain == "com.microsoft",
            ["QLinearSigmoid", "QLinearLeakyRelu"].contains(node.operatorType),
            let input = context.quantized(node, bytes: 0, scale: 1, zero: 2), let output = node.output(0),
            let type = context.type(of: output), type.elementCount > 0,
            let rule = OperatorRegistry.find(node),
            context.quantization(node, scale: 3, zero: 4, of: type.elementType) != nil
        else { return nil }
        let bytes = ByteRegion((0..<256).map { UInt8($0) })
        let all = try Tensor(input.quantization.isSigned ? .int8 : .uint8, shape: [256], bytes: bytes)
        let inputs = [all] + node.inputs.dropFirst().map { context.constant($0) }
        let results = try rule.evaluate(
            OperatorContext(graph: context.graph, node: node, inputs: inputs), inputs)
        guard let table = results.first?.bytes.withUnsafeBytes({ Array($0) }), table.count == 256 else {
            return nil
        }
        let choices = layouts(type).map { layout, count in
            KernelChoice(
                kernel: ByteMap(chunks: Chunks(of: count, size: chunk), table: table), inputLayouts: [layout],
                outputLayouts: [layout], inPlaceInputs: [0])
        }
        return pattern([node], choices, [input.bytes], output, [], context)
    }

    private static let functions: Set = [
        "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Elu", "Selu", "Softplus",
        "Softsign", "Neg", "Abs", "Exp", "Sqrt", "Erf", "Gelu", "Mish", "ThresholdedRelu", "Celu",
    ]

    /// QuantizeLinear and DequantizeLinear with one quantisation for the whole tensor.
    private static func conversion(_ node: Node, _ context: PatternContext) -> QuantizedPattern? {
        guard let input = node.input(0), let output = node.output(0), let from = context.type(of: input),
            let to = context.type(of: output), from.elementCount > 0
        else { return nil }
        let set = context.settings.instructionSet
        var choices: [KernelChoice] = []
        if node.isQuantizationOperator("QuantizeLinear"), from.elementType == .float32,
            let quantization = context.quantization(node, scale: 1, zero: 2, of: to.elementType)
        {
            choices = layouts(to).map { layout, count in
                KernelChoice(
                    kernel: QuantizeKernel(
                        set: set, chunks: Chunks(of: count, size: chunk),
                        result: ByteResult(quantization: quantization, range: quantization.range)),
                    inputLayouts: [layout], outputLayouts: [layout])
            }
        } else if node.isQuantizationOperator("DequantizeLinear"), to.elementType == .float32,
            context.constant(input) == nil,
            let quantization = context.quantization(node, scale: 1, zero: 2, of: from.elementType)
        {
            choices = layouts(to).map { layout, count in
                KernelChoice(
                    kernel: DequantizeKernel(
                        set: set, chunks: Chunks(of: count, size: chunk), quantization: quantization),
                    inputLayouts: [layout], outputLayouts: [layout])
            }
        }
        return pattern([node], choices, [input], output, [], context)
    }

    private static let chunk = 32 << 10

    /// The layouts that a value can have, each with its number of elements.
    private static func layouts(_ type: ConcreteType) -> [(Layout, Int)] {
        let blocked = BlockedImage(type, of: .all).map { [(Layout.blocked, $0.elementCount)] } ?? []
        return blocked + [(.rowMajor, type.elementCount)]
    }

    private static func pattern(
        _ nodes: [Node], _ choices: [KernelChoice], _ inputs: [ValueID], _ output: ValueID,
        _ dequantized: [ValueID],
        _ context: PatternContext
    ) -> QuantizedPattern? {
        guard let first = nodes.first, !choices.isEmpty else { return nil }
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: first), nodes: nodes.map(\.id), work: .kernels(choices),
                inputs: inputs, outputs: [output]), place: first.id, dequantized: dequantized)
    }
}
