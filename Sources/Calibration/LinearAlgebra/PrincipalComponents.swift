import COpenBLAS
import Runtime

/// The directions in which rows vary most, scaled so that each has variance 1 over the rows.
struct PrincipalComponents {
    /// The mean of each column.
    let means: [Double]
    /// count x columns, the direction of the largest variance first. A direction without variance is zero.
    let directions: Matrix

    /// The `count` first components of rows x columns; nil without rows, or if a value is not finite.
    ///
    /// The smaller one of the columns' covariance and the rows' products is decomposed:
    /// O(rows * columns * min(rows, columns) + min(rows, columns)^3).
    init?(of rows: Matrix, count: Int, _ workers: Workers) {
        guard rows.rows > 0, rows.values.allSatisfy(\.isFinite) else { return nil }
        var centred = rows
        means = (0..<rows.columns).map { column in
            (0..<rows.rows).reduce(0) { $0 + rows[$1, column] } / Double(rows.rows)
        }
        for row in 0..<rows.rows {
            for column in 0..<rows.columns { centred[row, column] -= means[column] }
        }
        let isDual = rows.rows < rows.columns
        let factor = isDual ? centred.transposed : centred
        var products = Matrix(rows: factor.columns, columns: factor.columns)
        products.addProduct(transposed: factor, factor, isSymmetric: true, workers)
        products.symmetrise()
        guard let (values, vectors) = SymmetricEigenproblem.solve(products) else { return nil }
        let taken = min(count, values.count)
        // Ascending values: the last ones are the largest.
        let least = max(values.last ?? 0, .leastNormalMagnitude) * PrincipalComponents.negligible
        var directions = Matrix(rows: count, columns: rows.columns)
        let chosen = vectors.selecting(rows: (0..<taken).map { values.count - 1 - $0 })
        let inColumns = isDual ? chosen.times(centred, workers) : chosen
        for place in 0..<taken {
            let value = values[values.count - 1 - place]
            guard value > least else { continue }
            // Along a unit vector the rows have variance value / n. The dual vectors map to length sqrt(value).
            let length = (isDual ? value.squareRoot() : 1) * (value / Double(rows.rows)).squareRoot()
            let row = (0..<rows.columns).map { inColumns[place, $0] }
            // The sign of an eigenvector is arbitrary; the largest element is made positive.
            let sign = (row.max { abs($0) < abs($1) } ?? 0) < 0 ? -1.0 : 1
            for column in 0..<rows.columns { directions[place, column] = sign * row[column] / length }
        }
        self.directions = directions
    }

    /// Directions of less than this share of the largest variance are rounding errors.
    private static let negligible = 1e-9

    /// The components of each row, rows x count.
    func of(_ rows: Matrix, _ workers: Workers) -> Matrix {
        var centred = rows
        for row in 0..<rows.rows {
            for column in 0..<rows.columns { centred[row, column] -= means[column] }
        }
        return centred.times(directions.transposed, workers)
    }
}

/// Eigenvalues of symmetric matrices, by LAPACK in double precision.
enum SymmetricEigenproblem {
    /// The eigenvalues in ascending order, and their vectors of length 1, one a row; nil if LAPACK finds none.
    static func solve(_ a: Matrix) -> (values: [Double], vectors: Matrix)? {
        guard a.rows == a.columns, a.rows > 0 else { return nil }
        var vectors = a.values
        var values = [Double](repeating: 0, count: a.rows)
        var (order, info) = (Int32(a.rows), Int32(0))
        var (query, size) = ([0.0], Int32(-1))
        dsyev_("V", "U", &order, &vectors, &order, &values, &query, &size, &info)
        guard info == 0 else { return nil }
        size = Int32(query[0])
        var work = [Double](repeating: 0, count: Int(size))
        dsyev_("V", "U", &order, &vectors, &order, &values, &work, &size, &info)
        // A column of LAPACK's is a row of ours.
        return info == 0 ? (values, Matrix(rows: a.rows, columns: a.rows, vectors)) : nil
    }
}

extension Matrix {
    /// The given rows, in that order.
    func selecting(rows chosen: [Int]) -> Matrix {
        Matrix(
            rows: chosen.count, columns: columns,
            chosen.flatMap { values[($0 * columns)..<(($0 + 1) * columns)] })
    }
}
