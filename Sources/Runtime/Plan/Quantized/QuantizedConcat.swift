import GraphIR
import Operators

/// Bytes of several quantisations, concatenated in one:
///
///     DequantizeLinear, ... -> Concat -> QuantizeLinear, or QLinearConcat
enum QuantizedConcat {
    static func match(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        var parts: [QuantizedValue] = []
        if node.isOperator("Concat"), let quantizing = try context.quantizing(node.output(0)),
            quantizing.range == quantizing.result.quantization.range
        {
            for input in node.inputs {
                guard let part = context.dequantized(input) else { return nil }
                parts.append(part)
            }
            return try pattern(
                [node] + quantizing.nodes, parts, quantizing.result, node.inputs.compactMap { $0 }, context)
        }
        guard node.domain == "com.microsoft", node.operatorType == "QLinearConcat",
            let output = node.output(0),
            let result = context.quantization(
                node, scale: 0, zero: 1, of: context.type(of: output)?.elementType)
        else { return nil }
        for position in stride(from: 2, to: node.inputs.count, by: 3) {
            guard let part = context.quantized(node, bytes: position, scale: position + 1, zero: position + 2)
            else {
                return nil
            }
            parts.append(part)
        }
        return try pattern([node], parts, QuantizedValue(bytes: output, quantization: result), [], context)
    }

    private static func pattern(
        _ nodes: [Node], _ parts: [QuantizedValue], _ result: QuantizedValue, _ dequantized: [ValueID],
        _ context: PatternContext
    ) throws -> QuantizedPattern? {
        let facts = context.specialization.context(nodes[0])
        let types = parts.compactMap { context.type(of: $0.bytes) }
        guard let type = context.type(of: result.bytes), type.elementCount > 0, types.count == parts.count,
            let written = try facts.int("axis")
        else { return nil }
        let axis = try facts.axis(written, rank: type.shape.count)
        let tables = parts.map { table($0.quantization, to: result.quantization) }
        var choices: [KernelChoice] = []
        let images = types.compactMap { BlockedImage($0, of: .bytes) }
        if axis == 1, images.count == parts.count, let output = BlockedImage(type, of: .bytes) {
            choices.append(
                KernelChoice(
                    kernel: BlockedByteConcat(output: output, parts: images, tables: tables),
                    inputLayouts: parts.map { _ in .blocked }, outputLayouts: [.blocked]))
        }
        let inner = type.shape[(axis + 1)...].reduce(1, *)
        choices.append(
            KernelChoice(
                kernel: ByteConcat(
                    rows: type.shape[..<axis].reduce(1, *), partBytes: types.map { $0.shape[axis] * inner },
                    tables: tables)))
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: nodes[0]), nodes: nodes.map(\.id), work: .kernels(choices),
                inputs: parts.map(\.bytes), outputs: [result.bytes]), place: nodes[0].id,
            dequantized: dequantized)
    }

    /// What each byte of one quantisation becomes in another.
    private static func table(_ from: LinearQuantization, to: LinearQuantization) -> [UInt8] {
        (0..<256).map { byte in
            let element = from.isSigned ? Int(Int8(truncatingIfNeeded: byte)) : byte
            return UInt8(truncatingIfNeeded: to.element(of: Float(element - from.zero) * from.scale))
        }
    }
}
