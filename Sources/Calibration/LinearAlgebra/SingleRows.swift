import COpenBLAS
import Runtime

/// Rows of float32 numbers, row-major: activations, which are float32 themselves, at some positions.
package struct SingleRows: Sendable {
    package private(set) var rows: Int
    package let columns: Int
    package private(set) var values: [Float]

    /// - Parameter values: rows * columns of them.
    package init(rows: Int, columns: Int, _ values: [Float]) {
        (self.rows, self.columns, self.values) = (rows, columns, values)
    }

    /// The numbers of a matrix, rounded.
    init(_ matrix: Matrix) {
        self.init(rows: matrix.rows, columns: matrix.columns, matrix.values.map(Float.init))
    }

    /// The mean of each column; 0 without rows.
    var columnMeans: [Double] {
        var sums = [Double](repeating: 0, count: columns)
        addRows(to: &sums)
        return sums.map { $0 / Double(max(1, rows)) }
    }

    /// Adds each row to `sums`, one number a column. O(rows * columns).
    func addRows(to sums: inout [Double]) {
        for row in 0..<rows {
            for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
        }
    }

    /// Subtracts a number from each column.
    mutating func subtract(_ shift: [Double]) {
        let (rows, columns) = (rows, columns)
        values.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<columns {
                    let place = row * columns + column
                    values[place] = Float(Double(values[place]) - shift[column])
                }
            }
        }
    }

    /// Appends rows of as many columns.
    mutating func append(_ other: SingleRows) {
        rows += other.rows
        values += other.values
    }

    func adding(_ other: SingleRows) -> SingleRows {
        SingleRows(rows: rows, columns: columns, zip(values, other.values).map(+))
    }

    func subtracting(_ other: SingleRows) -> SingleRows {
        SingleRows(rows: rows, columns: columns, zip(values, other.values).map(-))
    }

    /// The given columns, in that order.
    func selecting(columns chosen: [Int]) -> SingleRows {
        var result: [Float] = []
        result.reserveCapacity(rows * chosen.count)
        for row in 0..<rows {
            for column in chosen { result.append(values[row * columns + column]) }
        }
        return SingleRows(rows: rows, columns: chosen.count, result)
    }
}

extension Matrix {
    /// self += a^T b, tile by tile (`forEachTile`).
    ///
    /// Panels of 2048 rows are multiplied in float32, twice as fast as in double, and their products summed in double:
    /// the error is that of 2048 terms, however many rows there are.
    ///
    /// - Parameter isSymmetric: only the tiles on and above the diagonal are computed.
    mutating func addProduct(
        transposed a: SingleRows, _ b: SingleRows, isSymmetric: Bool = false, _ workers: Workers
    ) {
        let (rows, columns, depth) = (self.rows, self.columns, a.rows)
        forEachTile(of: a, b, isSymmetric: isSymmetric, workers) { tile, c, a, b in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: tile.height * tile.width) {
                guard let product = $0.baseAddress else { return }
                for start in stride(from: 0, to: depth, by: Matrix.panel) {
                    cblas_sgemm(
                        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(tile.height), blasint(tile.width),
                        blasint(min(Matrix.panel, depth - start)), 1, a + start * rows, blasint(rows),
                        b + start * columns, blasint(columns), 0, product, blasint(tile.width))
                    for row in 0..<tile.height {
                        let (target, source) = (c + row * columns, product + row * tile.width)
                        for column in 0..<tile.width { target[column] += Double(source[column]) }
                    }
                }
            }
        }
    }

    /// The rows of a panel: enough that their products outweigh the sum.
    static let panel = 2048
}
