import Runtime

/// Rows of numbers, row-major: a factor of a product that is computed tile by tile.
protocol TileFactor {
    associatedtype Element
    var rows: Int { get }
    var columns: Int { get }
    var values: [Element] { get }
}

extension Matrix: TileFactor {}
extension SingleRows: TileFactor {}

/// A piece of a product: its first row and column, and its extents.
typealias Tile = (row: Int, column: Int, height: Int, width: Int)

extension Matrix {
    /// Calls `body` once for each tile of a^T b, where `a` has as many columns as this matrix has rows, and `b` as it has
    /// columns. Tiles are squares of a fixed size; one thread computes a tile from all rows, so the result does not depend
    /// on the number of threads.
    ///
    /// - Parameters:
    ///   - isSymmetric: only the tiles on and above the diagonal are computed.
    ///   - body: gets a tile, its first element in this matrix, and the first elements of its columns in `a` and `b`.
    mutating func forEachTile<Factor: TileFactor>(
        of a: Factor, _ b: Factor, isSymmetric: Bool, _ workers: Workers,
        _ body:
            @Sendable (
                Tile, UnsafeMutablePointer<Double>, UnsafePointer<Factor.Element>,
                UnsafePointer<Factor.Element>
            ) -> Void
    ) {
        precondition(a.rows == b.rows && a.columns == rows && b.columns == columns, "matrix extents disagree")
        let (tiles, columns) = (tiles(isSymmetric: isSymmetric), columns)
        values.withUnsafeMutableBufferPointer { result in
            a.values.withUnsafeBufferPointer { left in
                b.values.withUnsafeBufferPointer { right in
                    guard let product = result.baseAddress, let first = left.baseAddress,
                        let second = right.baseAddress
                    else { return }
                    nonisolated(unsafe) let (c, a, b) = (product, first, second)
                    workers.forEach(tiles.count) { index in
                        let tile = tiles[index]
                        body(tile, c + tile.row * columns + tile.column, a + tile.row, b + tile.column)
                    }
                }
            }
        }
    }

    private func tiles(isSymmetric: Bool) -> [Tile] {
        stride(from: 0, to: rows, by: Matrix.tile).flatMap { row in
            stride(from: isSymmetric ? row : 0, to: columns, by: Matrix.tile).map { column in
                (row, column, min(Matrix.tile, rows - row), min(Matrix.tile, columns - column))
            }
        }
    }

    /// Large enough for a fast matrix product, small enough to share the work.
    private static let tile = 256
}
