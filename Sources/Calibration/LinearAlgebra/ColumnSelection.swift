import Runtime

/// Greedy column-subset selection: the units that best represent all units.
///
/// S is the units' covariance, M their consumer's weights (rows x units), and R = S at first. Each step takes
/// the unit j that maximises ||M R[:,j]||^2 / R_jj and subtracts R[:,j] R[j,:] / R_jj from R. R then holds
/// the part that the taken units do not explain, seen through M.
///
/// R and T = R M'M R change by a product of two vectors at each step. A step needs their diagonals and one column of
/// each, so neither is ever written down: the vectors of all steps are kept, and give the column.
enum ColumnSelection {
    /// The `count` best units, ascending. O(units^2 (units + rows of M) + count^2 units).
    ///
    /// - Parameter parts: the units are divided into so many parts of equal size, and as many are taken of
    ///   each.
    static func choose(
        _ count: Int, parts: Int = 1, covariance: Matrix, consumer: Matrix, _ workers: Workers
    ) -> [Int] {
        let units = covariance.rows
        guard count < units else { return Array(0..<units) }
        let seen = consumer.times(covariance, workers)
        var residual = ShrinkingMatrix(covariance)
        var weighted = ShrinkingMatrix(seen.transposed.times(seen, workers))
        var taken = [Bool](repeating: false, count: units)
        var left = [Int](repeating: count / parts, count: parts)
        // Below this a unit is explained, and only rounding error is left.
        let floor = max(covariance.meanDiagonal, .leastNormalMagnitude) * 1e-10
        for _ in 0..<count {
            var best: (unit: Int, score: Double)?
            for unit in 0..<units where !taken[unit] && left[unit / (units / parts)] > 0 {
                let pivot = residual.diagonal[unit]
                let score = pivot > floor ? max(0, weighted.diagonal[unit]) / pivot : 0
                if score > best?.score ?? -1 { best = (unit, score) }
            }
            guard let unit = best?.unit else { break }
            taken[unit] = true
            left[unit / (units / parts)] -= 1
            let pivot = residual.diagonal[unit]
            guard pivot > floor else { continue }
            let row = residual.column(unit), product = weighted.column(unit)
            // R - r r'/p, and T - (r u' + u r') with u = t/p - r T_jj / (2 p^2).
            let half = product[unit] / (2 * pivot * pivot)
            residual.subtract(row, row.map { $0 / (2 * pivot) })
            weighted.subtract(row, zip(product, row).map { $0 / pivot - $1 * half })
        }
        return taken.indices.filter { taken[$0] }
    }
}

/// A symmetric matrix less a growing sum of products a b' + b a'.
private struct ShrinkingMatrix {
    private let start: Matrix
    private var terms: [(a: [Double], b: [Double])] = []
    private(set) var diagonal: [Double]

    init(_ start: Matrix) {
        self.start = start
        diagonal = (0..<start.rows).map { start[$0, $0] }
    }

    /// One column. O(rows * terms)
    func column(_ index: Int) -> [Double] {
        let rows = start.rows
        var column = Array(start.values[(index * rows)..<((index + 1) * rows)])
        column.withUnsafeMutableBufferPointer { column in
            for (a, b) in terms {
                let (left, right) = (a[index], b[index])
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        for row in column.indices { column[row] -= a[row] * right + b[row] * left }
                    }
                }
            }
        }
        return column
    }

    mutating func subtract(_ a: [Double], _ b: [Double]) {
        for row in diagonal.indices { diagonal[row] -= 2 * a[row] * b[row] }
        terms.append((a, b))
    }
}
