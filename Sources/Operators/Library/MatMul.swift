import GraphIR

/// `MatMul`: the matrix product of the last two axes, the others broadcast (ONNX MatMul-1, 9, 13).
///
/// A [..., M, K], B [..., K, N] -> Y [..., M, N]. A vector counts as one row (A) or column (B), and its axis
/// is left out of Y.
///
/// MACs: the number of elements of Y * K.
public struct MatMul: Operator {
    public let name = "MatMul"
    public let versions = [1, 9, 13]

    /// Weights, whichever operand is constant.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { true }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try context.requireOneElementType(of: 0, 1)
        guard let type = context.inputType(0)?.elementType else { return [nil] }
        guard let a = context.shape(0), let b = context.shape(1) else { return [TensorType(type, nil)] }
        return [TensorType(type, try MatrixProduct.Extents(context, a, b).output)]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        MatrixProduct.cost(context, context.shape(0), context.shape(1))
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let a = try context.required(inputs, 0)
        let b = try context.required(inputs, 1)
        guard a.elementType.isFloatingPoint, a.elementType == b.elementType else {
            throw context.error(.elementType, "does not multiply \(a.type) and \(b.type)")
        }
        let (output, y) = try MatrixProduct.multiply(
            context, try a.reals(context), a.shape, try b.reals(context), b.shape)
        return [try context.tensor(a.elementType, output, reals: y)]
    }
}
