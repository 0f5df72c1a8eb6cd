import MixtureOfDepths
import Runtime
import Testing

@testable import Calibration

@Suite struct LinearAlgebraTests {
    /// Normally distributed numbers.
    private static func matrix(_ rows: Int, _ columns: Int, _ name: String) -> Matrix {
        var generator = SeededGenerator(seed: 1, stream: name)
        return Matrix(
            rows: rows, columns: columns, floats: generator.normal(count: rows * columns, deviation: 1))
    }

    @Test("A product does not depend on the number of threads, and is that of plain loops")
    func product() {
        let (a, b) = (Self.matrix(37, 300, "a"), Self.matrix(37, 270, "b"))
        var (one, three) = (Matrix(rows: 300, columns: 270), Matrix(rows: 300, columns: 270))
        one.addProduct(transposed: a, b, Workers(count: 1))
        three.addProduct(transposed: a, b, Workers(count: 3))
        #expect(one.values == three.values)
        for (row, column) in [(0, 0), (299, 269), (130, 260)] {
            let sum = (0..<37).reduce(0.0) { $0 + a[$1, row] * b[$1, column] }
            #expect(abs(one[row, column] - sum) < 1e-12)
        }
    }

    @Test("A linear map with offset is found again")
    func recovers() throws {
        let (features, targets) = (5, 3)
        let map = Self.matrix(targets, features, "map")
        let a = Self.matrix(200, features, "rows")
        var t = Matrix(rows: 200, columns: targets)
        for row in 0..<200 {
            for target in 0..<targets {
                t[row, target] =
                    Double(target) + (0..<features).reduce(0) { $0 + map[target, $1] * a[row, $1] }
            }
        }
        var equations = NormalEquations(features: features, targets: targets)
        equations.add(a, t, Workers(count: 1))
        let fit = try #require(
            equations.solve(
                prior: Matrix(rows: targets, columns: features), ridge: 1e-12, Workers(count: 1)))
        for index in map.values.indices { #expect(abs(fit.weights.values[index] - map.values[index]) < 1e-9) }
        for target in 0..<targets { #expect(abs(fit.offsets[target] - Double(target)) < 1e-9) }
    }

    @Test("Without information the fit is the prior, its offset moved to the targets' mean")
    func degenerate() throws {
        var equations = NormalEquations(features: 2, targets: 1)
        equations.add(
            Matrix(rows: 3, columns: 2, [1, 2, 1, 2, 1, 2]), Matrix(rows: 3, columns: 1, [4, 5, 6]),
            Workers(count: 1))
        let prior = Matrix(rows: 1, columns: 2, [1, 1])
        let fit = try #require(equations.solve(prior: prior, ridge: 0.01, Workers(count: 1)))
        #expect(fit.weights.values == [1, 1])
        #expect(fit.offsets == [2])
    }

    @Test("Rows in blocks give what they give at once")
    func blocks() throws {
        let (a, t) = (Self.matrix(40, 4, "a"), Self.matrix(40, 2, "t"))
        var (whole, parts) = (
            NormalEquations(features: 4, targets: 2), NormalEquations(features: 4, targets: 2)
        )
        whole.add(a, t, Workers(count: 1))
        for start in stride(from: 0, to: 40, by: 8) {
            parts.add(
                Matrix(rows: 8, columns: 4, Array(a.values[(start * 4)..<((start + 8) * 4)])),
                Matrix(rows: 8, columns: 2, Array(t.values[(start * 2)..<((start + 8) * 2)])),
                Workers(count: 1))
        }
        let prior = Matrix(rows: 2, columns: 4)
        let (x, y) = (
            try #require(whole.solve(prior: prior, ridge: 0.01, Workers(count: 1))),
            try #require(parts.solve(prior: prior, ridge: 0.01, Workers(count: 1)))
        )
        for index in x.weights.values.indices {
            #expect(abs(x.weights.values[index] - y.weights.values[index]) < 1e-12)
        }
    }

    @Test("Column selection takes units that the others cannot stand for")
    func selection() {
        // Units 0 and 1 are the same, 2 is twice unit 3, and 4 is nothing; all others are independent.
        let base = Self.matrix(500, 3, "units")
        var units = Matrix(rows: 500, columns: 6)
        for row in 0..<500 {
            units[row, 0] = base[row, 0]
            units[row, 1] = base[row, 0]
            units[row, 2] = 2 * base[row, 1]
            units[row, 3] = base[row, 1]
            units[row, 5] = 0.5 * base[row, 2]
        }
        var moments = Moments(units: 6)
        moments.add(units, Workers(count: 1))
        var consumer = Matrix(rows: 6, columns: 6)
        for unit in 0..<6 { consumer[unit, unit] = 1 }
        let chosen = ColumnSelection.choose(
            3, covariance: moments.covariance, consumer: consumer, Workers(count: 1))
        #expect(chosen == [0, 2, 5] || chosen == [0, 3, 5])
        #expect(
            ColumnSelection.choose(
                6, covariance: moments.covariance, consumer: consumer, Workers(count: 1)) == Array(0..<6))
    }

    @Test("A consumer that ignores a unit leaves it out, however large it is")
    func consumer() {
        var covariance = Matrix(rows: 3, columns: 3)
        for (unit, variance) in [100.0, 1, 2].enumerated() { covariance[unit, unit] = variance }
        let chosen = ColumnSelection.choose(
            1, covariance: covariance, consumer: Matrix(rows: 1, columns: 3, [0, 1, 1]), Workers(count: 1))
        #expect(chosen == [2])
    }
}
