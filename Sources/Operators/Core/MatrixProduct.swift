import GraphIR

/// The matrix product by its definition, accumulated in double precision.
enum MatrixProduct {
    /// - Parameters:
    ///   - a: [rows, inner] row-major, from `aStart` on.
    ///   - b: [inner, columns] row-major, from `bStart` on.
    /// - Returns: [rows, columns].
    static func multiply(
        _ a: [Double], _ aStart: Int, _ b: [Double], _ bStart: Int, rows: Int, inner: Int, columns: Int
    ) -> [Double] {
        var result = [Double](repeating: 0, count: rows * columns)
        guard !result.isEmpty else { return result }
        for row in 0..<rows {
            for k in 0..<inner {
                let factor = a[aStart + row * inner + k]
                let source = bStart + k * columns
                for column in 0..<columns {
                    result[row * columns + column] += factor * b[source + column]
                }
            }
        }
        return result
    }

    /// The transpose of a [rows, columns] matrix.
    static func transpose(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
        var result = [Double](repeating: 0, count: matrix.count)
        guard !result.isEmpty else { return result }
        for row in 0..<rows {
            for column in 0..<columns { result[column * rows + row] = matrix[row * columns + column] }
        }
        return result
    }

    /// The product of the last two axes of two tensors, the others broadcast, as MatMul defines it.
    ///
    /// - Returns: the shape and the elements of the product.
    /// - Throws: `OperatorError` if the shapes do not match or the product is too large.
    static func multiply(
        _ context: OperatorContext, _ a: [Double], _ aShape: [Int], _ b: [Double], _ bShape: [Int]
    ) throws -> (shape: [Int], elements: [Double]) {
        let extents = try Extents(context, Shape(aShape), Shape(bShape))
        guard let rows = extents.rows.value, let inner = extents.inner.value,
            let columns = extents.columns.value, let output = extents.output.extents
        else { throw context.error(.shape, "the shapes are not known") }
        guard try context.checkedCount(output) > 0 else { return (output, []) }
        let batches = try Broadcast(context, [Array(aShape.dropLast(2)), Array(bShape.dropLast(2))])
        func starts(_ shape: [Int]) -> [Int] {
            let batch = Array(shape.dropLast(2))
            return batches.spread(Array(0..<batch.reduce(1, *)), of: batch)
        }
        var y: [Double] = []
        for (p, q) in zip(starts(aShape), starts(bShape)) {
            y += multiply(
                a, p * rows * inner, b, q * inner * columns, rows: rows, inner: inner, columns: columns)
        }
        return (output, y)
    }

    /// The number of elements of the product times the inner extent; nil if one is unknown.
    static func cost(_ context: OperatorContext, _ a: Shape?, _ b: Shape?) -> Cost? {
        guard let a, let b, let extents = try? Extents(context, a, b), let inner = extents.inner.value,
            let count = extents.output.elementCount
        else { return nil }
        return .macs(count, inner)
    }

    /// The extents of a product: A [..., rows, inner], B [..., inner, columns] -> [..., rows, columns]. A
    /// vector counts as one row (A) or column (B), and its axis is left out of the product.
    struct Extents {
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
