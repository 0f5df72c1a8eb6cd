import GraphIR

/// `DequantizeLinear`: y = (x - zero_point) * scale (ONNX DequantizeLinear-10, 13, 19, 21, 23).
///
/// x of 8-bit, 16-bit or int32 integers, scale and zero point, both scalars or vectors along `axis` (default
/// 1, from opset 13) -> y like x, of the scale's type. Blocks and smaller types are not supported.
public struct DequantizeLinear: Operator {
    public let name = "DequantizeLinear"
    public let versions = [10, 13, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<13: OperatorSchema(inputs: 2...3)
        case ..<21: OperatorSchema(inputs: 2...3, .optional("axis", .int))
        default:
            OperatorSchema(
                inputs: 2...3, .optional("axis", .int), .optional("block_size", .int),
                .optional("output_dtype", .int))
        }
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] {
        guard let type = context.inputType(1)?.elementType else { return [nil] }
        return [TensorType(type, context.shape(0))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let scale = try context.required(inputs, 1)
        let quantization = try Quantization(
            context, x.shape, scale: scale, zeroPoint: inputs.count > 2 ? inputs[2] : nil)
        let results = try x.wholeNumbers(context).enumerated().map { index, value in
            let group = quantization.group(of: index)
            return Double(value &- quantization.zeroPoints[group]) * quantization.scales[group]
        }
        return [try context.tensor(scale.elementType, x.shape, reals: results)]
    }
}
