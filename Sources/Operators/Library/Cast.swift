import GraphIR

/// `Cast`: the elements converted to another type (ONNX Cast-6, 9, 13, 19, 21, 23).
///
/// Floating point to integer truncates towards zero; numbers beyond the integer's range, for which ONNX
/// leaves the result undefined, are clamped to it. Integer to integer wraps around. Anything but zero is
/// true. Strings and 8-bit floating point are not supported.
public struct Cast: Operator {
    public let name = "Cast"
    public let versions = [6, 9, 13, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<19: OperatorSchema(inputs: 1...1, .required("to", .int))
        case ..<24: OperatorSchema(inputs: 1...1, .optional("saturate", .flag), .required("to", .int))
        default:
            OperatorSchema(
                inputs: 1...1, .optional("round_mode", .string), .optional("saturate", .flag),
                .required("to", .int))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [TensorType(try target(context), context.shape(0))]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        switch try target(context) {
        case .int64, .int32: context.extents(input: 0)
        default: nil
        }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        [try context.required(inputs, 0).converted(context, to: try target(context))]
    }

    private func target(_ context: OperatorContext) throws(OperatorError) -> ElementType {
        guard let code = try context.int("to"), let raw = Int32(exactly: code),
            let type = ElementType(rawValue: raw)
        else { throw context.error(.attribute, "attribute \"to\" names no element type") }
        return type
    }
}

extension Tensor {
    /// The elements converted to `type` as Cast does; the tensor itself if it has that type already.
    func converted(_ context: OperatorContext, to type: ElementType) throws -> Tensor {
        if type == elementType { return self }
        return elementType.isFloatingPoint
            ? try context.tensor(type, shape, reals: try reals(context))
            : try context.tensor(type, shape, integers: try wholeNumbers(context))
    }
}
