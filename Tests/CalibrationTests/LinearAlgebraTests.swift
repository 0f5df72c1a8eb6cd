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

    @Test("A product by panels of float32 does not depend on the threads, and is as precise as float32")
    func panels() {
        let (a, b) = (Self.matrix(2500, 300, "a"), Self.matrix(2500, 270, "b"))
        let shift = (0..<300).map { Double($0) }
        var far = a
        for index in far.values.indices { far.values[index] += shift[index % 300] }
        var near = SingleRows(far)
        near.subtract(shift)
        func product(threads: Int) -> Matrix {
            var result = Matrix(rows: 300, columns: 270)
            result.addProduct(transposed: near, SingleRows(b), Workers(count: threads))
            return result
        }
        let result = product(threads: 1)
        #expect(result.values == product(threads: 3).values)
        for (row, column) in [(0, 0), (299, 269), (130, 260)] {
            let sum = (0..<2500).reduce(0.0) { $0 + a[$1, row] * b[$1, column] }
            // The numbers are about 1 in size, so their distances are rounded to 6e-8 times 300 here.
            #expect(abs(result[row, column] - sum) < 1e-3)
        }
    }

    @Test("A small variance beside a large mean keeps its digits")
    func offset() throws {
        let a = Self.matrix(400, 3, "offset")
        var far = a
        for index in far.values.indices { far.values[index] += 1000 }
        var (near, moved) = (Moments(units: 3), Moments(units: 3))
        near.add(SingleRows(a), Workers(count: 1))
        for start in stride(from: 0, to: 400, by: 100) {
            moved.add(
                SingleRows(
                    Matrix(rows: 100, columns: 3, Array(far.values[(start * 3)..<((start + 100) * 3)]))),
                Workers(count: 1))
        }
        let pair = (near.covariance(Workers(count: 1)), moved.covariance(Workers(count: 1)))
        for (own, other) in zip(pair.0.values, pair.1.values) { #expect(abs(own - other) < 1e-5) }
        for (mean, other) in zip(near.means, moved.means) { #expect(abs(mean + 1000 - other) < 1e-4) }
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
        equations.add(SingleRows(a), SingleRows(t), Workers(count: 1))
        let fit = try #require(
            equations.solve(
                prior: Matrix(rows: targets, columns: features), ridge: 1e-12, Workers(count: 1)))
        for index in map.values.indices { #expect(abs(fit.weights.values[index] - map.values[index]) < 1e-6) }
        for target in 0..<targets { #expect(abs(fit.offsets[target] - Double(target)) < 1e-6) }
    }

    @Test("Without information the fit is the prior, its offset moved to the targets' mean")
    func degenerate() throws {
        var equations = NormalEquations(features: 2, targets: 1)
        equations.add(
            SingleRows(rows: 3, columns: 2, [1, 2, 1, 2, 1, 2]), SingleRows(rows: 3, columns: 1, [4, 5, 6]),
            Workers(count: 1))
        let prior = Matrix(rows: 1, columns: 2, [1, 1])
        let fit = try #require(equations.solve(prior: prior, ridge: 0.01, Workers(count: 1)))
        #expect(fit.weights.values == [1, 1])
        #expect(fit.offsets == [2])
    }

    @Test("Features with a ridge of their own are fitted as a dense solution of the penalised problem says")
    func ownRidge() throws {
        // Six rows of two features, and one of a sample; one target.
        let a = Matrix(rows: 6, columns: 3, [1, 2, 1, 0, 1, 1, 2, 0, 1, 3, 1, -1, 1, 1, -1, 0, 2, -1])
        let t = Matrix(rows: 6, columns: 1, [4, 1, 3, 2, 0, 1])
        var equations = NormalEquations(features: 3, targets: 1)
        equations.add(SingleRows(a), SingleRows(t), Workers(count: 1))
        let prior = Matrix(rows: 1, columns: 3, [0.5, -1, 0])
        let fit = try #require(
            equations.solve(prior: prior, ridge: 0.1, own: (1, 0.3), Workers(count: 1)))
        // The gradient of |T - A W' - b|^2 / n + sum of ridge (W - W0)^2, centred, is zero at the solution.
        let means = (0..<3).map { column in (0..<6).reduce(0.0) { $0 + a[$1, column] } / 6 }
        let variances = (0..<3).map { column in
            (0..<6).reduce(0.0) { $0 + (a[$1, column] - means[column]) * (a[$1, column] - means[column]) } / 6
        }
        let shared = 0.1 * (variances[0] + variances[1]) / 2
        for (feature, ridge) in [shared, shared, 0.3].enumerated() {
            let residual = (0..<6).map { row in
                t[row, 0] - fit.offsets[0] - (0..<3).reduce(0.0) { $0 + fit.weights[0, $1] * a[row, $1] }
            }
            #expect(abs(residual.reduce(0, +)) < 1e-6)
            let slope = (0..<6).reduce(0.0) { $0 + residual[$1] * (a[$1, feature] - means[feature]) } / 6
            #expect(abs(slope - ridge * (fit.weights[0, feature] - prior[0, feature])) < 1e-6)
        }
    }

    @Test("Principal components have variance 1 and are uncorrelated, from the rows or from the columns")
    func components() throws {
        // More rows than columns, and more columns than rows.
        for (rows, columns) in [(40, 6), (6, 40)] {
            var data = Self.matrix(rows, columns, "data")
            for row in 0..<rows {
                for column in 0..<columns { data[row, column] = 3 + data[row, column] * Double(1 + column) }
            }
            let workers = Workers(count: 1)
            let found = try #require(PrincipalComponents(of: data, count: 4, workers))
            var moments = Moments(units: 4)
            moments.add(SingleRows(found.of(data, workers)), workers)
            let covariance = moments.covariance(workers)
            for row in 0..<4 {
                #expect(abs(moments.means[row]) < 1e-6)
                for column in 0..<4 {
                    #expect(abs(covariance[row, column] - (row == column ? 1 : 0)) < 1e-6)
                }
            }
            // The first direction is the one of the largest variance: no column varies more.
            let length = (0..<columns).reduce(0.0) { $0 + found.directions[0, $1] * found.directions[0, $1] }
            var own = Moments(units: columns)
            own.add(SingleRows(data), workers)
            let largest = try #require((0..<columns).map { own.covariance(workers)[$0, $0] }.max())
            #expect(1 / length >= largest - 1e-9)
        }
    }

    @Test("Directions beyond those in which rows vary are zero")
    func fewDirections() throws {
        let data = Matrix(rows: 3, columns: 2, [1, 5, 2, 5, 3, 5])
        let found = try #require(PrincipalComponents(of: data, count: 4, Workers(count: 1)))
        #expect(found.directions.rows == 4 && abs(found.directions[0, 0] - 1.5.squareRoot()) < 1e-12)
        for row in 1..<4 { #expect((0..<2).allSatisfy { found.directions[row, $0] == 0 }) }
    }

    @Test("Rows in blocks give what they give at once")
    func blocks() throws {
        // More rows than a panel holds, in blocks that do not fill one.
        let (count, block) = (Matrix.panel * 2 + 904, 1000)
        let (a, t) = (Self.matrix(count, 4, "a"), Self.matrix(count, 2, "t"))
        var (whole, parts) = (
            NormalEquations(features: 4, targets: 2), NormalEquations(features: 4, targets: 2)
        )
        whole.add(SingleRows(a), SingleRows(t), Workers(count: 1))
        for start in stride(from: 0, to: count, by: block) {
            parts.add(
                SingleRows(
                    Matrix(rows: block, columns: 4, Array(a.values[(start * 4)..<((start + block) * 4)]))),
                SingleRows(
                    Matrix(rows: block, columns: 2, Array(t.values[(start * 2)..<((start + block) * 2)]))),
                Workers(count: 1))
        }
        let prior = Matrix(rows: 2, columns: 4)
        let (x, y) = (
            try #require(whole.solve(prior: prior, ridge: 0.01, Workers(count: 1))),
            try #require(parts.solve(prior: prior, ridge: 0.01, Workers(count: 1)))
        )
        for index in x.weights.values.indices {
            #expect(abs(x.weights.values[index] - y.weights.values[index]) < 1e-6)
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
        moments.add(SingleRows(units), Workers(count: 1))
        var consumer = Matrix(rows: 6, columns: 6)
        for unit in 0..<6 { consumer[unit, unit] = 1 }
        let chosen = ColumnSelection.choose(
            3, covariance: moments.covariance(Workers(count: 1)), consumer: consumer, Workers(count: 1))
        #expect(chosen == [0, 2, 5] || chosen == [0, 3, 5])
        #expect(
            ColumnSelection.choose(
                6, covariance: moments.covariance(Workers(count: 1)), consumer: consumer, Workers(count: 1))
                == Array(0..<6))
    }

    @Test(
        "Column selection takes what the same steps on whole matrices take",
        arguments: [(40, 12, 17, 1), (24, 60, 9, 3), (30, 5, 29, 1), (32, 32, 8, 4)])
    func selectionByDefinition(_ units: Int, _ rows: Int, _ count: Int, _ parts: Int) {
        // Fewer samples than units: the last units are explained by others.
        var moments = Moments(units: units)
        moments.add(SingleRows(Self.matrix(20, units, "samples")), Workers(count: 1))
        let covariance = moments.covariance(Workers(count: 1))
        let consumer = Self.matrix(rows, units, "consumer")
        var (residual, left) = (covariance, [Int](repeating: count / parts, count: parts))
        var taken: Set<Int> = []
        for _ in 0..<min(count, 18) {
            func score(_ unit: Int) -> Double {
                let seen = (0..<rows).map { row in
                    (0..<units).reduce(0.0) { $0 + consumer[row, $1] * residual[$1, unit] }
                }
                return seen.reduce(0) { $0 + $1 * $1 } / residual[unit, unit]
            }
            let open = (0..<units).filter { !taken.contains($0) && left[$0 / (units / parts)] > 0 }
            guard let best = open.max(by: { score($0) < score($1) }) else { break }
            taken.insert(best)
            left[best / (units / parts)] -= 1
            let column = (0..<units).map { residual[$0, best] }
            for row in 0..<units {
                for other in 0..<units {
                    residual[row, other] -= column[row] * column[other] / column[best]
                }
            }
        }
        let chosen = ColumnSelection.choose(
            count, parts: parts, covariance: covariance, consumer: consumer, Workers(count: 1))
        #expect(chosen.count == count)
        #expect(taken.isSubset(of: chosen))
        for part in 0..<parts {
            #expect(chosen.count { $0 / (units / parts) == part } == count / parts)
        }
    }

    @Test("A system's solution satisfies it, and does not depend on the number of threads")
    func cholesky() throws {
        let (rows, b) = (Self.matrix(90, 40, "system"), Self.matrix(40, 150, "sides"))
        var a = Matrix(rows: 40, columns: 40)
        a.addProduct(transposed: rows, rows, Workers(count: 1))
        let x = try #require(Cholesky.solve(a, ridge: 0.5, b, Workers(count: 1)))
        #expect(x.values == Cholesky.solve(a, ridge: 0.5, b, Workers(count: 3))?.values)
        for (row, column) in [(0, 0), (39, 149), (17, 64)] {
            let sum = (0..<40).reduce(0.5 * x[row, column]) { $0 + a[row, $1] * x[$1, column] }
            #expect(abs(sum - b[row, column]) < 1e-9)
        }
        a[0, 0] = -1000
        #expect(Cholesky.solve(a, ridge: 0.5, b, Workers(count: 3)) == nil)
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
