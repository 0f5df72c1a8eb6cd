import GraphIR

/// `MatMulInteger`: the matrix product of 8-bit integers minus their zero points (ONNX MatMulInteger-10).
///
/// A [..., M, K], B [..., K, N], optional zero points of A (one, or one per row: [M] or [..., M, 1]) and of B
/// (one, or one per column: [N] or [..., 1, N]) -> int32 Y [..., M, N], as in `MatMul`.
///
/// MACs: the number of elements of Y * K.
public struct MatMulInteger: QuantizedOperator {
    public let name = "MatMulInteger"
    public let versions = [10]

    /// Weights, whichever operand is constant.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { position <= 1 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...4) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let a = context.shape(0), let b = context.shape(1) else { return [TensorType(.int32, nil)] }
        return [TensorType(.int32, try MatrixProduct.Extents(context, a, b).output)]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        MatrixProduct.cost(context, context.shape(0), context.shape(1))
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let (a, b) = (try context.required(inputs, 0), try context.required(inputs, 1))
        func zeroPoint(_ position: Int) -> Tensor? { inputs.count > position ? inputs[position] : nil }
        let (shape, sums) = try MatrixProduct.multiply(
            context, try context.centred(a, zeroPoint: zeroPoint(2), axis: max(0, a.rank - 2)), a.shape,
            try context.centred(b, zeroPoint: zeroPoint(3), axis: max(0, b.rank - 1)), b.shape)
        return [try context.tensor(.int32, shape, integers: sums.map(\.truncatedToInt))]
    }
}
