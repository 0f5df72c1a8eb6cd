import GraphIR
import Operators

/// Operators that only move elements, between a dequantisation and a quantisation that undo each other:
///
///     DequantizeLinear, ... -> Concat, Slice, Gather, Reshape, ... -> QuantizeLinear
///
/// They move the bytes. All quantisations must be the same.
enum QuantizedMovement {
    private static let operators: Set = [
        "Concat", "Slice", "Split", "Gather", "GatherND", "GatherElements", "Reshape", "Flatten", "Squeeze",
        "Unsqueeze", "Transpose", "Identity", "Expand", "Tile", "Where", "DepthToSpace", "SpaceToDepth",
        "Pad",
    ]

    static func match(_ node: Node, _ context: PatternContext) throws -> QuantizedPattern? {
        guard node.domain.isEmpty, operators.contains(node.operatorType), node.captures.isEmpty,
            let rule = OperatorRegistry.find(node)
        else { return nil }
        var quantization: LinearQuantization?
        var nodes = [node]
        var outputs: [ValueID?] = []
        for output in node.outputs {
            guard let output else {
                outputs.append(nil)
                continue
            }
            guard let quantizing = try context.quantizing(output), quantizing.nodes.count == 1,
                quantizing.result.quantization == quantization ?? quantizing.result.quantization
            else { return nil }
            quantization = quantizing.result.quantization
            nodes += quantizing.nodes
            outputs.append(quantizing.result.bytes)
        }
        guard let quantization, node.operatorType != "Pad" || padsWithZero(node, quantization, context) else {
            return nil
        }
        var inputs = node.inputs
        var dequantized: [ValueID] = []
        for (position, input) in node.inputs.enumerated() {
            guard let input, context.type(of: input)?.elementType == .float32 else { continue }
            guard let value = context.dequantized(input), value.quantization == quantization else {
                return nil
            }
            inputs[position] = value.bytes
            dequantized.append(input)
        }
        guard !dequantized.isEmpty else { return nil }
        let request = context.request(node, inputs: inputs, outputs: outputs)
        guard zip(inputs, request.inputs).allSatisfy({ $0 == nil || $1 != nil }),
            zip(outputs, request.outputs).allSatisfy({ $0 == nil || $1 != nil })
        else { return nil }
        let work: Operation.Work
        if ViewRule.applies(request) {
            work = .view
        } else {
            let choices = try KernelCatalog.choices(request)
            work = choices.isEmpty ? .reference(rule, node) : .kernels(choices)
        }
        return QuantizedPattern(
            operation: Operation(
                label: context.graph.label(of: node), nodes: nodes.map(\.id), work: work, inputs: inputs,
                outputs: outputs), place: node.id, dequantized: dequantized)
    }

    /// Whether a Pad fills in zeros, and the zero point is the byte 0 with which it fills bytes.
    private static func padsWithZero(
        _ pad: Node, _ quantization: LinearQuantization, _ context: PatternContext
    ) -> Bool {
        let facts = context.specialization.context(pad)
        guard quantization.zero == 0, pad.input(2) == nil else { return false }
        return facts.opset >= 11 && ((try? facts.string("mode")) ?? "constant") == "constant"
    }
}

extension PatternContext {
    /// The request to compute a node on other values, such as the bytes behind its floats.
    func request(_ node: Node, inputs: [ValueID?], outputs: [ValueID?]) -> KernelRequest {
        KernelRequest(
            node: node, settings: settings, context: specialization.context(node),
            inputs: inputs.map { $0.flatMap(type) }, outputs: outputs.map { $0.flatMap(type) })
    }
}
