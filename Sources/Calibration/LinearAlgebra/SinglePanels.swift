import COpenBLAS
import Runtime

/// Rows of float32 numbers, for products whose terms need no more: activations are float32 themselves.
struct SingleRows: Sendable {
    let rows: Int
    let columns: Int
    private(set) var values: [Float]

    /// The rows of a matrix, each minus `shift`. O(rows * columns).
    init(_ matrix: Matrix, minus shift: [Double], _ workers: Workers) {
        (rows, columns) = (matrix.rows, matrix.columns)
        let (rows, columns) = (rows, columns)
        values = [Float](unsafeUninitializedCapacity: rows * columns) { target, count in
            matrix.values.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let (source, target) = (source, target)
                let slices = (rows + SingleRows.slice - 1) / SingleRows.slice
                workers.forEach(slices) { slice in
                    for row in (slice * SingleRows.slice)..<min(rows, (slice + 1) * SingleRows.slice) {
                        for column in 0..<columns {
                            let place = row * columns + column
                            target.initializeElement(at: place, to: Float(source[place] - shift[column]))
                        }
                    }
                }
            }
            count = rows * columns
        }
    }

    /// Adds each row to `sums`, one number a column. O(rows * columns).
    func addRows(to sums: inout [Double]) {
        for row in 0..<rows {
            for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
        }
    }

    /// Rows that one thread converts at a time.
    private static let slice = 256
}

extension Matrix {
    /// self += a^T b, tile by tile (`forEachTile`).
    ///
    /// Panels of 512 rows are multiplied in float32, twice as fast as in double, and their products summed in double:
    /// the error is that of 512 terms, however many rows there are.
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

    private static let panel = 512
}
