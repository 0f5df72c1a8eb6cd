/// The assignment of least cost: each row gets a column of its own, so that the sum of the costs is the least.
///
/// Shortest augmenting paths with dual prices (Jonker and Volgenant, 1987, without their reductions): rows are
/// assigned one after the other, each along the path of least reduced cost to a free column. O(rows^2 *
/// columns). Ties go to the lower column, so equal costs give equal results.
enum Assignment {
    /// - Parameter cost: rows x columns, finite.
    /// - Returns: the column of each row. With fewer columns than rows, some rows get none.
    static func leastCost(_ cost: Matrix) -> [Int?] {
        guard cost.rows <= cost.columns else {
            var rows = [Int?](repeating: nil, count: cost.rows)
            for case (let column, let row?) in leastCost(cost.transposed).enumerated() { rows[row] = column }
            return rows
        }
        var solver = Solver(cost)
        for row in 0..<cost.rows { solver.assign(row) }
        var columns = [Int?](repeating: nil, count: cost.rows)
        for case (let column, let row?) in solver.rowOfColumn.enumerated() { columns[row] = column }
        return columns
    }

    private struct Solver {
        private let cost: Matrix
        /// Prices with cost[r, c] - rowPrice[r] - columnPrice[c] >= 0, and 0 for assigned pairs.
        private var rowPrices: [Double]
        private var columnPrices: [Double]
        private(set) var rowOfColumn: [Int?]

        init(_ cost: Matrix) {
            self.cost = cost
            rowPrices = [Double](repeating: 0, count: cost.rows)
            columnPrices = [Double](repeating: 0, count: cost.columns)
            rowOfColumn = [Int?](repeating: nil, count: cost.columns)
        }

        /// Assigns a row that has no column, moving rows that are assigned to other columns.
        mutating func assign(_ start: Int) {
            // The length of the shortest path to each column, and the column before it on that path.
            var lengths = [Double](repeating: .infinity, count: cost.columns)
            var previous = [Int?](repeating: nil, count: cost.columns)
            var isReached = [Bool](repeating: false, count: cost.columns)
            var reached: [(row: Int, column: Int?, length: Double)] = []
            var (row, last, length) = (start, Int?.none, 0.0)
            var end: Int?
            while end == nil {
                reached.append((row, last, length))
                var nearest: Int?
                for column in 0..<cost.columns where !isReached[column] {
                    let reduced = cost[row, column] - rowPrices[row] - columnPrices[column]
                    if length + reduced < lengths[column] {
                        lengths[column] = length + reduced
                        previous[column] = last
                    }
                    if nearest.map({ lengths[column] < lengths[$0] }) ?? true { nearest = column }
                }
                guard let nearest else { return }
                isReached[nearest] = true
                (last, length) = (nearest, lengths[nearest])
                if let owner = rowOfColumn[nearest] { row = owner } else { end = nearest }
            }
            for step in reached {
                rowPrices[step.row] += length - step.length
                if let column = step.column { columnPrices[column] -= length - step.length }
            }
            var column = end
            while let free = column {
                let before = previous[free]
                rowOfColumn[free] = before.flatMap { rowOfColumn[$0] } ?? start
                column = before
            }
        }
    }
}
