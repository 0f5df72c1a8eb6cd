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
        return [TensorType(type, try Product(context, a, b).output)]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let a = context.shape(0), let b = context.shape(1),
            let product = try? Product(context, a, b), let inner = product.inner.value,
            let count = product.output.elementCount
        else { return nil }
        return .macs(count, inner)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let a = try context.required(inputs, 0)
        let b = try context.required(inputs, 1)
        guard a.elementType.isFloatingPoint, a.elementType == b.elementType else {
            throw context.error(.elementType, "does not multiply \(a.type) and \(b.type)")
        }
        let product = try Product(context, Shape(a.shape), Shape(b.shape))
        guard let rows = product.rows.value, let inner = product.inner.value,
            let columns = product.columns.value, let output = product.output.extents
        else { throw context.error(.shape, "the shapes are not known") }
        guard try context.checkedCount(output) > 0 else {
            return [try context.tensor(a.elementType, output, reals: [])]
        }
        let batches = try Broadcast(context, [Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))])
        func starts(_ shape: [Int]) -> [Int] {
            let batch = Array(shape.dropLast(2))
            return batches.spread(Array(0..<batch.reduce(1, *)), of: batch)
        }
        let (left, right) = (try a.reals(context), try b.reals(context))
        var y: [Double] = []
        for (p, q) in zip(starts(a.shape), starts(b.shape)) {
            y += MatrixProduct.multiply(
                left, p * rows * inner, right, q * inner * columns, rows: rows, inner: inner,
                columns: columns)
        }
        return [try context.tensor(a.elementType, output, reals: y)]
    }

    /// The extents of a product.
    private struct Product {
        let rows: Dim
        let inner: Dim
        let columns: Dim
        let output: Shape

        init(_ context: OperatorContext, _ a: Shape, _ b: Shape) throws(OperatorError) {
            guard a.rank >= 1, b.rank >= 1 else {
                throw context.error(.shape, "scalars cannot be multiplied as matrices")
            }
            rows = a.rank == 1 ? 1 : a[a.rank - 2]
            columns = b.rank == 1 ? 1 : b[b.rank - 1]
            guard let inner = a[a.rank - 1].merged(with: b[max(0, b.rank - 2)]) else {
                throw context.error(.shape, "inputs \(a) and \(b) cannot be multiplied")
            }
            self.inner = inner
            var dims = try context.broadcast([Shape(a.dims.dropLast(2)), Shape(b.dims.dropLast(2))]).dims
            if a.rank > 1 { dims.append(rows) }
            if b.rank > 1 { dims.append(columns) }
            output = Shape(dims)
        }
    }
}
