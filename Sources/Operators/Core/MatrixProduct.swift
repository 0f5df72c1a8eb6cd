import GraphIR

/// A matrix product by its definition, accumulated in double precision.
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
}
