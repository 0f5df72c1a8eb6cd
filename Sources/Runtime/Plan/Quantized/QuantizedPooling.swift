import CKernels
import GraphIR
import Operators

/// Pooling of bytes:
///
///     DequantizeLinear -> MaxPool, AveragePool, GlobalAveragePool or ReduceMean -> QuantizeLinear
///
/// or QLinearAveragePool, QLinearGlobalAveragePool, or MaxPool of bytes. A maximum keeps its quantisation.
enum QuantizedPooling {
    static func match(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        switch (node.domain, node.operatorType) {
        case ("", "MaxPool"), ("", "AveragePool"), ("", "GlobalAveragePool"), ("", "ReduceMean"):
            try spelledOut(node, context)
        case ("com.microsoft", "QLinearAveragePool"), ("com.microsoft", "QLinearGlobalAveragePool"):
            try linear(node, context)
        default: nil
        }
    }

    private static func spelledOut(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        if node.isOperator("MaxPool"), let bytes = node.input(0), let output = node.output(0),
            let one = LinearQuantization(
                scale: Tensor(scalar: Float(1)), zero: nil, of: context.type(of: bytes)?.elementType)
        {
            let result = ByteResult(quantization: one, range: one.range)
            return try pattern(
                node, [node], QuantizedValue(bytes: bytes, quantization: one), result, output, [], context)
        }
        guard let source = node.input(0), let input = context.dequantized(source),
            let quantizing = try context.quantizing(node.output(0))
        else { return nil }
        let result = ByteResult(quantization: quantizing.result.quantization, range: quantizing.range)
        if node.isOperator("MaxPool") {
            guard result.quantization == input.quantization, result.range == input.quantization.range else {
                return nil
            }
        }
        return try pattern(
            node, [node] + quantizing.nodes, input, result, quantizing.result.bytes, [source], context)
    }

    private static func linear(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        guard let input = context.quantized(node, bytes: 0, scale: 1, zero: 2), let output = node.output(0),
            let quantization = context.quantization(
                node, scale: 3, zero: 4, of: context.type(of: output)?.elementType),
            try context.specialization.context(node).int("channels_last", default: 0) == 0
        else { return nil }
        return try pattern(
            node, [node], input, ByteResult(quantization: quantization, range: quantization.range), output,
            [],
            context)
    }

    private static func pattern(
        _ node: Node, _ nodes: [Node], _ input: QuantizedValue, _ result: ByteResult, _ output: ValueID,
        _ dequantized: [ValueID], _ context: PatternContext
    ) throws -> QuantizedPattern? {
        guard let image = BlockedImage(context.type(of: input.bytes), of: .bytes),
            let to = context.type(of: output),
            // Sums of bytes over a plane stay below 2^31.
            image.height * image.width < 1 << 22,
            (input.quantization.scale / result.quantization.scale).isFinite
        else { return nil }
        let set = context.settings.instructionSet
        let request = context.request(node)
        let choice: KernelChoice
        if node.operatorType.hasSuffix("Pool"), !node.operatorType.hasSuffix("GlobalAveragePool") {
            guard let pooled = BlockedImage(to, of: .bytes),
                request.outputs.dropFirst().allSatisfy({ $0 == nil }),
                let extents = try request.context.ints("kernel_shape"), extents.count == 2,
                let window = try Window(
                    request.context, kernel: extents, input: [image.height, image.width]),
                let shape = try BlockedPooling.shape(request, image, pooled, window)
            else { return nil }
            choice = KernelChoice(
                kernel: BytePooling(
                    set: set, shape: shape, output: pooled, input: input.quantization, result: result),
                inputLayouts: [.blocked], outputLayouts: [.blocked])
        } else {
            guard to.elementCount == image.batch * image.channels,
                try !node.domain.isEmpty || GlobalPoolingKernels.firstReducedAxis(request, rank: 4) == 2
            else { return nil }
            choice = KernelChoice(
                kernel: ByteMeans(set: set, image: image, input: input.quantization, result: result),
                inputLayouts: [.blocked], outputLayouts: [.rowMajor])
        }
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: node), nodes: nodes.map(\.id), work: .kernels([choice]),
                inputs: [input.bytes], outputs: [output]), place: node.id, dequantized: dequantized)
    }
}
