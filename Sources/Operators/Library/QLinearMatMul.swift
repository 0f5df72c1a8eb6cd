import GraphIR

/// `QLinearMatMul`: the matrix product of quantised numbers, with a quantised result (ONNX QLinearMatMul-10,
/// 21).
///
/// a [..., M, K], its scale and zero point (one, or one per row), b [..., K, N], its scale and zero point
/// (one, or one per column), scale and zero point of y -> y [..., M, N] of y's zero point's type, as in
/// `MatMul`.
///
/// MACs: the number of elements of y * K.
public struct QLinearMatMul: QuantizedOperator {
    public let name = "QLinearMatMul"
    public let versions = [10, 21]

    /// Weights, whichever operand is constant.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { position == 0 || position == 3 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 8...8) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(7)?.elementType else { return [nil] }
        guard let a = context.shape(0), let b = context.shape(3) else { return [TensorType(type, nil)] }
        return [TensorType(type, try MatrixProduct.Extents(context, a, b).output)]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        MatrixProduct.cost(context, context.shape(0), context.shape(3))
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        func input(_ position: Int) throws -> Tensor { try context.required(inputs, position) }
        let (a, b) = (try input(0), try input(3))
        let (rowAxis, columnAxis) = (max(0, a.rank - 2), max(0, b.rank - 1))
        let (shape, sums) = try MatrixProduct.multiply(
            context, try context.centred(a, zeroPoint: try input(2), axis: rowAxis), a.shape,
            try context.centred(b, zeroPoint: try input(5), axis: columnAxis), b.shape)
        func scales(_ position: Int, axis: Int) throws -> [Float] {
            let tensor = try input(position)
            return try context.spread(try context.scales(tensor), of: tensor, over: shape, axis: axis)
        }
        guard let yScale = try context.scales(try input(6)).first else {
            throw context.error(.shape, "the scale of y must be one number")
        }
        let multipliers = zip(
            try scales(1, axis: max(0, shape.count - 2)), try scales(4, axis: max(0, shape.count - 1))
        ).map { $0 * $1 / yScale }
        return [try context.requantized(sums, shape, multipliers: multipliers, zeroPoint: try input(7))]
    }
}
