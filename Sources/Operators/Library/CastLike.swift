import GraphIR

/// `CastLike`: the elements of input 0 converted to the element type of input 1, as in `Cast` (ONNX
/// CastLike-15, 19, 21, 23, 24, 25).
public struct CastLike: Operator {
    public let name = "CastLike"
    public let versions = [15, 19, 21, 23, 24, 25]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<19: OperatorSchema(inputs: 2...2)
        case ..<24: OperatorSchema(inputs: 2...2, .optional("saturate", .flag))
        default:
            OperatorSchema(inputs: 2...2, .optional("round_mode", .string), .optional("saturate", .flag))
        }
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] {
        [context.inputType(1).map { TensorType($0.elementType, context.shape(0)) }]
    }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        switch context.inputType(1)?.elementType {
        case .int64, .int32: context.extents(input: 0)
        default: nil
        }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        return [try x.converted(context, to: try context.required(inputs, 1).elementType)]
    }
}
