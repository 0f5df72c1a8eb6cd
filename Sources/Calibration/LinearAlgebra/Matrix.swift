import COpenBLAS
import Runtime

/// A dense matrix of doubles, row-major.
package struct Matrix: Sendable {
    package let rows: Int
    package let columns: Int
    package var values: [Double]

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        values = [Double](repeating: 0, count: rows * columns)
    }

    package init(rows: Int, columns: Int, _ values: [Double]) {
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    package init(rows: Int, columns: Int, floats: [Float]) {
        self.init(rows: rows, columns: columns, floats.map(Double.init))
    }

    package subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// The mean of the diagonal.
    package var meanDiagonal: Double {
        guard rows > 0 else { return 0 }
        return (0..<rows).reduce(0) { $0 + self[$1, $1] } / Double(rows)
    }

    /// self += a^T b, tile by tile (`forEachTile`). OpenBLAS itself runs on the calling thread.
    ///
    /// - Parameter isSymmetric: only the tiles on and above the diagonal are computed.
    package mutating func addProduct(
        transposed a: Matrix, _ b: Matrix, isSymmetric: Bool = false, _ workers: Workers
    ) {
        let (rows, columns, depth) = (self.rows, self.columns, a.rows)
        forEachTile(of: a, b, isSymmetric: isSymmetric, workers) { tile, c, a, b in
            cblas_dgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, blasint(tile.height), blasint(tile.width),
                blasint(depth), 1, a, blasint(rows), b, blasint(columns), 1, c, blasint(columns))
        }
    }

    /// The product with another matrix.
    package func times(_ other: Matrix, _ workers: Workers) -> Matrix {
        var result = Matrix(rows: rows, columns: other.columns)
        result.addProduct(transposed: transposed, other, workers)
        return result
    }

    package var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        // Square by square, so that the lines of both stay in the cache.
        let side = 32
        for top in stride(from: 0, to: rows, by: side) {
            for left in stride(from: 0, to: columns, by: side) {
                for row in top..<min(top + side, rows) {
                    for column in left..<min(left + side, columns) {
                        result.values[column * rows + row] = values[row * columns + column]
                    }
                }
            }
        }
        return result
    }

    /// Copies the upper triangle to the lower one.
    package mutating func symmetrise() {
        for row in 0..<rows {
            for column in 0..<row { values[row * columns + column] = values[column * columns + row] }
        }
    }
}

/// Solves symmetric positive definite systems, by LAPACK in double precision.
package enum Cholesky {
    /// X with (A + ridge I) X = B; nil if A + ridge I is not positive definite.
    static func solve(_ a: Matrix, ridge: Double, _ b: Matrix, _ workers: Workers) -> Matrix? {
        solve(a, ridges: [Double](repeating: ridge, count: a.rows), b, workers)
    }

    /// X with (A + diag(ridges)) X = B; nil if A + diag(ridges) is not positive definite.
    static func solve(_ a: Matrix, ridges: [Double], _ b: Matrix, _ workers: Workers) -> Matrix? {
        guard a.rows == a.columns, a.rows == b.rows, a.rows == ridges.count, a.rows > 0 else { return nil }
        var factor = a.values
        for index in 0..<a.rows { factor[index * a.rows + index] += ridges[index] }
        // The matrix is symmetric, so row-major is column-major; right sides are columns.
        var sides = b.transposed.values
        var (order, info) = (Int32(a.rows), Int32(0))
        dpotrf_("L", &order, &factor, &order, &info)
        guard info == 0 else { return nil }
        let lower = factor
        let pieces = (b.columns + sidesAtATime - 1) / sidesAtATime
        sides.withUnsafeMutableBufferPointer { sides in
            nonisolated(unsafe) let start = sides.baseAddress
            workers.forEach(pieces) { piece in
                let first = piece * sidesAtATime
                var (order, info) = (Int32(a.rows), Int32(0))
                var count = Int32(min(sidesAtATime, b.columns - first))
                dpotrs_(
                    "L", &order, &count, lower, &order, start.map { $0 + first * a.rows }, &order, &info)
            }
        }
        guard sides.allSatisfy(\.isFinite) else { return nil }
        return Matrix(rows: b.columns, columns: b.rows, sides).transposed
    }

    /// Right sides that one worker solves together; results do not depend on the number of workers.
    private static let sidesAtATime = 64
}
