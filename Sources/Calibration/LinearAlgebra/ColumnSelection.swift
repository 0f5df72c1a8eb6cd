import Runtime

/// Greedy column-subset selection: the units that best represent all units.
///
/// S is the units' covariance, M their consumer's weights (rows x units), and R = S at first. Each step takes
/// the unit j that maximises ||M R[:,j]||^2 / R_jj and subtracts R[:,j] R[j,:] / R_jj from R. R then holds
/// the part that the taken units do not explain, seen through M.
enum ColumnSelection {
    /// The `count` best units, ascending. O(count * units * (units + rows of M)).
    ///
    /// - Parameter parts: the units are divided into so many parts of equal size, and as many are taken of
    ///   each.
    static func choose(
        _ count: Int, parts: Int = 1, covariance: Matrix, consumer: Matrix, _ workers: Workers
    ) -> [Int] {
        let units = covariance.rows
        guard count < units else { return Array(0..<units) }
        var residual = covariance
        // Rows of M beyond the number of units add nothing: the norm only sees M'M.
        var seen = consumer.times(residual, workers)
        var taken = [Bool](repeating: false, count: units)
        var left = [Int](repeating: count / parts, count: parts)
        // Below this a unit is explained, and only rounding error is left.
        let floor = max(residual.meanDiagonal, .leastNormalMagnitude) * 1e-10
        for _ in 0..<count {
            let scores = scores(seen, residual, taken, floor)
            let open = scores.indices.filter { !taken[$0] && left[$0 / (units / parts)] > 0 }
            guard let best = open.max(by: { scores[$0] < scores[$1] }) else { break }
            taken[best] = true
            left[best / (units / parts)] -= 1
            let pivot = residual[best, best]
            guard pivot > floor else { continue }
            let row = Array(residual.values[(best * units)..<((best + 1) * units)])
            subtract(&residual, column: best, row: row, over: pivot)
            subtract(&seen, column: best, row: row, over: pivot)
        }
        return taken.indices.filter { taken[$0] }
    }

    private static func scores(
        _ seen: Matrix, _ residual: Matrix, _ taken: [Bool], _ floor: Double
    ) -> [Double] {
        var sums = [Double](repeating: 0, count: residual.rows)
        seen.values.withUnsafeBufferPointer { values in
            for row in 0..<seen.rows {
                let start = row * seen.columns
                for column in sums.indices {
                    sums[column] += values[start + column] * values[start + column]
                }
            }
        }
        return sums.indices.map { index in
            let pivot = residual[index, index]
            return taken[index] || pivot <= floor ? 0 : sums[index] / pivot
        }
    }

    /// matrix -= matrix[:, column] row / pivot
    private static func subtract(_ matrix: inout Matrix, column: Int, row: [Double], over pivot: Double) {
        let columns = matrix.columns
        matrix.values.withUnsafeMutableBufferPointer { values in
            for index in 0..<(values.count / max(1, columns)) {
                let factor = values[index * columns + column] / pivot
                guard factor != 0 else { continue }
                for position in 0..<columns { values[index * columns + position] -= factor * row[position] }
            }
        }
    }
}
