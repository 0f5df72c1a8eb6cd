import GraphIR

/// `Constant`: a tensor held by the node itself (ONNX Constant-1, 9, 11, 12, 13, 19, 21, 23).
///
/// Exactly one attribute gives it: `value` or, from opset 12 on, `value_int(s)`, `value_float(s)` or
/// `value_string(s)`. Sparse values are not supported.
public struct Constant: Operator {
    public let name = "Constant"
    public let versions = [1, 9, 11, 12, 13, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<11: OperatorSchema(inputs: 0...0, .required("value", .tensor))
        case 11:
            OperatorSchema(inputs: 0...0, .optional("value", .tensor), .optional("sparse_value", .opaque))
        default:
            OperatorSchema(
                inputs: 0...0, .optional("value", .tensor), .optional("sparse_value", .opaque),
                .optional("value_float", .float), .optional("value_floats", .floats),
                .optional("value_int", .int), .optional("value_ints", .ints),
                .optional("value_string", .string), .optional("value_strings", .strings))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [try Constant.contents(context).type]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        OperatorContext.extents(of: try Constant.contents(context))
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        [try Constant.contents(context)]
    }

    /// The tensor that the attributes give.
    ///
    /// - Throws: `OperatorError` if there is none, more than one, or one of an unsupported type.
    public static func contents(_ context: OperatorContext) throws(OperatorError) -> Tensor {
        guard context.attributes.entries.count == 1, let (name, value) = context.attributes.entries.first
        else { throw context.error(.attribute, "must have exactly one value") }
        switch (name, value) {
        case ("value", .tensor(let tensor)): return tensor
        case ("value_int", .int(let value)): return Tensor(scalar: value)
        case ("value_ints", .ints(let values)): return Tensor(values)
        case ("value_float", .float(let value)): return Tensor(scalar: value)
        case ("value_floats", .floats(let values)): return Tensor(values)
        case ("value_string", .string(let value)):
            if let tensor = try? Tensor(shape: [], strings: [Array(value.utf8)]) { return tensor }
        case ("value_strings", .strings(let values)):
            let strings = values.map { Array($0.utf8) }
            if let tensor = try? Tensor(shape: [values.count], strings: strings) { return tensor }
        default: break
        }
        throw context.error(.unsupported, "attribute \"\(name)\" is not a supported constant")
    }
}
