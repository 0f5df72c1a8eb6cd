import GraphIR

/// `Gemm`: Y = alpha * A' B' + beta * C (ONNX Gemm-7, 9, 11, 13).
///
/// A [M, K] ([K, M] with `transA`), B [K, N] ([N, K] with `transB`), C broadcast to [M, N] (optional from
/// opset 11) -> Y [M, N].
///
/// MACs: M * N * K.
public struct Gemm: Operator {
    public let name = "Gemm"
    public let versions = [7, 9, 11, 13]

    /// Weights and bias, whichever operand is constant.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { true }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: opset < 11 ? 3...3 : 2...3, .optional("alpha", .float), .optional("beta", .float),
            .optional("transA", .flag), .optional("transB", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try context.requireOneElementType(of: 0, 1, 2)
        guard let type = context.inputType(0)?.elementType else { return [nil] }
        guard let a = context.shape(0), let b = context.shape(1) else {
            return [TensorType(type, Shape([.unknown, .unknown]))]
        }
        let (rows, _, columns) = try extents(context, a, b)
        if let c = context.shape(2) {
            let shape = try context.broadcast([c, Shape([rows, columns])])
            guard shape.rank == 2, let fitted = shape[0].merged(with: rows),
                shape[1].merged(with: columns) != nil, fitted.merged(with: rows) != nil
            else { throw context.error(.shape, "bias \(c) does not fit \(rows)x\(columns)") }
        }
        return [TensorType(type, Shape([rows, columns]))]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let a = context.shape(0), let b = context.shape(1),
            let (rows, inner, columns) = try? extents(context, a, b),
            let rows = rows.value, let inner = inner.value, let columns = columns.value
        else { return nil }
        return .macs(rows, inner, columns)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let a = try context.required(inputs, 0)
        let b = try context.required(inputs, 1)
        let (rows, inner, columns) = try extents(context, Shape(a.shape), Shape(b.shape))
        guard let rows = rows.value, let inner = inner.value, let columns = columns.value else {
            throw context.error(.shape, "the shapes are not known")
        }
        try context.checkedCount([rows, columns])
        let alpha = Double(try context.float("alpha", default: 1))
        var left = try a.reals(context)
        if try context.flag("transA", default: false) {
            left = MatrixProduct.transpose(left, rows: inner, columns: rows)
        }
        var right = try b.reals(context)
        if try context.flag("transB", default: false) {
            right = MatrixProduct.transpose(right, rows: columns, columns: inner)
        }
        var y = MatrixProduct.multiply(left, 0, right, 0, rows: rows, inner: inner, columns: columns)
        for index in y.indices { y[index] *= alpha }
        if inputs.count > 2, let c = inputs[2] {
            let beta = Double(try context.float("beta", default: 1))
            let broadcast = try Broadcast(context, [[rows, columns], c.shape])
            guard broadcast.shape == [rows, columns] else {
                throw context.error(.shape, "bias \(c.type) does not fit \(rows)x\(columns)")
            }
            let bias = broadcast.spread(try c.reals(context), of: c.shape)
            for index in y.indices { y[index] += beta * bias[index] }
        }
        return [try context.tensor(a.elementType, [rows, columns], reals: y)]
    }

    private func extents(_ context: OperatorContext, _ a: Shape, _ b: Shape)
        throws(OperatorError) -> (rows: Dim, inner: Dim, columns: Dim)
    {
        guard a.rank == 2, b.rank == 2 else {
            throw context.error(.shape, "inputs \(a) and \(b) must be matrices")
        }
        let transA = try context.flag("transA", default: false)
        let transB = try context.flag("transB", default: false)
        guard let inner = a[transA ? 0 : 1].merged(with: b[transB ? 1 : 0]) else {
            throw context.error(.shape, "inputs \(a) and \(b) cannot be multiplied")
        }
        return (a[transA ? 1 : 0], inner, b[transB ? 0 : 1])
    }
}
