import GraphIR

/// `Flatten`: the input as a matrix (ONNX Flatten-1, 9, 11, 13, 21, 23).
///
/// X [d1...dn] -> Y [d1 * ... * d(axis), d(axis+1) * ... * dn]. Negative axes count from the back from opset
/// 11 on.
public struct Flatten: Operator {
    public let name = "Flatten"
    public let versions = [1, 9, 11, 13, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else {
            return [TensorType(x.elementType, Shape([.unknown, .unknown]))]
        }
        return [TensorType(x.elementType, try flattened(context, shape))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard let extents = try flattened(context, Shape(x.shape)).extents,
            let y = x.reshaped(to: extents)
        else { throw context.error(.shape, "input \(x.type) cannot be flattened") }
        return [y]
    }

    private func flattened(_ context: OperatorContext, _ shape: Shape) throws(OperatorError) -> Shape {
        let axis = try context.axis(
            try context.int("axis", default: 1), rank: shape.rank, isPosition: true)
        return Shape([Dim.product(shape.dims[..<axis]), Dim.product(shape.dims[axis...])])
    }
}
