import GraphIR

/// `QuantizeLinear`: y = saturate(round(x / scale) + zero_point), halves to even
/// (ONNX QuantizeLinear-10, 13, 19, 21, 23).
///
/// x, scale and zero point, both scalars or vectors along `axis` (default 1, from opset 13) -> y like x, of
/// the zero point's type, uint8 by default. 8-bit and 16-bit integers; blocks and smaller types are not
/// supported.
public struct QuantizeLinear: Operator {
    public let name = "QuantizeLinear"
    public let versions = [10, 13, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<13: OperatorSchema(inputs: 2...3)
        case ..<19: OperatorSchema(inputs: 2...3, .optional("axis", .int))
        case ..<21: OperatorSchema(inputs: 2...3, .optional("axis", .int), .optional("saturate", .flag))
        default:
            OperatorSchema(
                inputs: 2...3, .optional("axis", .int), .optional("block_size", .int),
                .optional("output_dtype", .int), .optional("precision", .int), .optional("saturate", .flag))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        if context.hasInput(2), context.inputType(2) == nil { return [nil] }
        return [TensorType(try target(context, context.inputType(2)?.elementType), context.shape(0))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let zeroPoint = inputs.count > 2 ? inputs[2] : nil
        let type = try target(context, zeroPoint?.elementType)
        guard let range = type.quantizedRange else {
            throw context.error(.elementType, "does not quantise to \(type.onnxName)")
        }
        let quantization = try Quantization(
            context, x.shape, scale: try context.required(inputs, 1), zeroPoint: zeroPoint)
        let results = try x.reals(context).enumerated().map { index, value in
            let group = quantization.group(of: index)
            let steps = Double(Float(value / quantization.scales[group])).rounded(.toNearestOrEven)
            let sum = min(max(steps, -1e9), 1e9).truncatedToInt + quantization.zeroPoints[group]
            return min(max(sum, range.lowerBound), range.upperBound)
        }
        return [try context.tensor(type, x.shape, integers: results)]
    }

    private func target(_ context: OperatorContext, _ zeroPoint: ElementType?)
        throws(OperatorError) -> ElementType
    {
        if let zeroPoint { return zeroPoint }
        let code = try context.int("output_dtype", default: 0)
        guard code != 0 else { return .uint8 }
        guard let raw = Int32(exactly: code), let type = ElementType(rawValue: raw) else {
            throw context.error(.attribute, "output_dtype \(code) names no element type")
        }
        return type
    }
}
