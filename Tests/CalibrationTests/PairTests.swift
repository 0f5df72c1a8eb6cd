import MixtureOfDepths
import Runtime
import Testing

@testable import Calibration

@Suite struct AssignmentTests {
    private static func costs(_ rows: Int, _ columns: Int, _ name: String) -> Matrix {
        var generator = SeededGenerator(seed: 3, stream: "\(name)/\(rows)/\(columns)")
        return Matrix(
            rows: rows, columns: columns, floats: generator.normal(count: rows * columns, deviation: 1))
    }

    /// The least cost over all assignments, tried one by one.
    private static func leastCost(_ cost: Matrix, row: Int = 0, taken: Set<Int> = []) -> Double {
        guard row < cost.rows else { return 0 }
        return (0..<cost.columns).filter { !taken.contains($0) }.map {
            cost[row, $0] + leastCost(cost, row: row + 1, taken: taken.union([$0]))
        }.min() ?? .infinity
    }

    private static func cost(_ assignment: [Int?], _ cost: Matrix) -> Double {
        assignment.enumerated().reduce(0) { sum, pair in
            sum + (pair.element.map { cost[pair.offset, $0] } ?? 0)
        }
    }

    @Test("The cost is the least of all assignments", arguments: 1...6, 1...7)
    func isLeast(rows: Int, columns: Int) {
        for name in ["a", "b", "c"] {
            let cost = Self.costs(rows, columns, name)
            let found = Assignment.leastCost(cost)
            let columnsFound = found.compactMap { $0 }
            #expect(columnsFound.count == min(rows, columns) && Set(columnsFound).count == columnsFound.count)
            let least = Self.leastCost(rows <= columns ? cost : cost.transposed)
            #expect(abs(Self.cost(found, cost) - least) < 1e-9)
        }
    }

    /// The sums are those of scipy 1.17's `linear_sum_assignment` on the same costs:
    /// c[i, j] = (7 i^2 + 11 j^2 + 13 i j) mod 101.
    @Test(arguments: [(30, 30, 176.0), (20, 45, 50.0), (64, 64, 204.0)])
    func likeScipy(rows: Int, columns: Int, sum: Double) {
        var cost = Matrix(rows: rows, columns: columns)
        for i in 0..<rows {
            for j in 0..<columns { cost[i, j] = Double((7 * i * i + 11 * j * j + 13 * i * j) % 101) }
        }
        #expect(Self.cost(Assignment.leastCost(cost), cost) == sum)
    }

    @Test("Equal costs give each row the column of its number")
    func ties() {
        #expect(Assignment.leastCost(Matrix(rows: 4, columns: 6)) == [0, 1, 2, 3])
    }
}

@Suite struct PairSelectionTests {
    /// Two samples of four positions. Channels 0 and 1 enter; channel 3 is all that one of the samples has of
    /// what channel 1 holds, channel 2 is noise that nothing reads.
    @Test("A channel is paired with the one that takes its place in other images")
    func complement() {
        let active = [[1.0, -1, 1, -1], [2.0, -2, 2, -2]]
        func rows(_ channels: [[Double]]) -> Matrix {
            var matrix = Matrix(rows: 4, columns: 4)
            for (channel, values) in channels.enumerated() {
                for (row, value) in values.enumerated() { matrix[row, channel] = value }
            }
            return matrix
        }
        let none = [0.0, 0, 0, 0]
        let steady = [1.0, 1, -1, -1]
        // One filter reads channels 0, 1 and 3 alike.
        let consumer = Matrix(rows: 1, columns: 4, [1, 1, 0, 1])
        let workers = Workers(count: 1)
        var selection = PairSelection(
            inside: [0, 1], consumer: consumer, means: [0, 0, 0, 0], workers)
        selection.add(rows([steady, active[0], steady, none]), scores: [5, 2, 9, 1], workers)
        selection.add(rows([steady, none, steady, active[1]]), scores: [5, 1, 9, 2], workers)
        let pairs = selection.pairs(1)
        #expect(pairs == ChannelPairs(first: [1], second: [3], constant: [0]))
        #expect(pairs.takesSecond([5, 2, 9, 1]) == [false] && pairs.takesSecond([5, 1, 9, 2]) == [true])
        #expect(pairs.channels(takingSecond: [true]) == [3, 0])
        #expect(selection.pairs(2).second.count == 2)
    }

    @Test("A tie takes the first channel")
    func tie() {
        #expect(ChannelPairs(first: [0], second: [1], constant: []).takesSecond([3, 3]) == [false])
    }
}
