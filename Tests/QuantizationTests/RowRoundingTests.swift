import Calibration
import MixtureOfDepths
import Runtime
import Testing

@testable import Quantization

@Suite struct RowRoundingTests {
    private static let weights = Matrix(
        rows: 3, columns: 6,
        [
            0.72, 1.9, -0.21, -0.09, -0.14, 1.22, -1.84, 0.37, 1.19, -0.81, 1.49, 0.54, -0.55, 0.2, -1.53,
            -0.57,
            1.83, -0.89,
        ])
    private static let covariance = Matrix(
        rows: 6, columns: 6,
        [
            10.358, -2.186, 3.477, -0.789, -0.473, -1.801, -2.186, 6.323, -2.514, 0.278, 1.725, 1.82, 3.477,
            -2.514,
            6.257, 2.334, -1.231, -2.028, -0.789, 0.278, 2.334, 3.193, 1.068, -0.878, -0.473, 1.725, -1.231,
            1.068,
            2.125, -0.587, -1.801, 1.82, -2.028, -0.878, -0.587, 4.112,
        ])
    private static let free = [0.0, 0.0, 0.0]

    /// e' G e, summed over the rows.
    private static func error(_ result: RowRounding.Result) -> Double {
        var sum = 0.0
        for row in 0..<3 {
            let errors = (0..<6).map {
                weights.values[row * 6 + $0] - Double(result.integers[row * 6 + $0])
                    * Double(result.scales[row])
            }
            for a in 0..<6 {
                for b in 0..<6 { sum += errors[a] * covariance.values[a * 6 + b] * errors[b] }
            }
        }
        return sum
    }

    @Test("Rounding with compensation gives what NumPy computes from the same formulas")
    func reference() throws {
        // numpy.linalg: U = cholesky(inv(G + 0.05 I)).T, columns by falling variance, integers up to 7.
        let rounding = RowRounding(limits: WeightLimits(largest: 7), workers: Workers(count: 1))
        let result = try #require(
            rounding.compensated(Self.weights, covariance: Self.covariance, ridge: 0.05, Self.free))
        #expect(
            result.integers == [
                3, 7, -1, 0, 0, 5, -7, 1, 4, -3, 6, 2, -2, 1, -6, -2, 7, -4,
            ])
        let steps: [Float] = [0.2605714201927185, 0.25760000944137573, 0.261428564786911]
        #expect(zip(result.scales, steps).allSatisfy { abs($0 - $1) < 1e-6 })
        var nearest = result
        for place in 0..<18 {
            let steps = Self.weights.values[place] / Double(result.scales[place / 6])
            nearest.integers[place] = Int8(steps.rounded(.toNearestOrEven))
        }
        #expect(Self.error(result) < 0.7 * Self.error(nearest))
    }

    @Test("Any number of threads gives the same integers", arguments: [2, 5])
    func threads(_ count: Int) throws {
        var weights = Matrix(rows: 40, columns: 6)
        for place in weights.values.indices {
            weights.values[place] = Self.weights.values[place % 18] + Double(place) / 100
        }
        let free = [Double](repeating: 0, count: 40)
        func rounded(_ threads: Int) throws -> RowRounding.Result {
            let rounding = RowRounding(limits: WeightLimits(largest: 127), workers: Workers(count: threads))
            return try #require(rounding.compensated(weights, covariance: Self.covariance, ridge: 0.05, free))
        }
        let (one, many) = (try rounded(1), try rounded(count))
        #expect(one.integers == many.integers && one.scales == many.scales)
    }

    @Test("The nearest integers are at most half a step away, and the largest weight is the largest integer")
    func nearest() {
        let result = RowRounding(limits: WeightLimits(largest: 63), workers: Workers(count: 1)).nearest(
            Self.weights, Self.free)
        for row in 0..<3 {
            let integers = result.integers[(row * 6)..<(row * 6 + 6)]
            #expect(integers.map { abs(Int($0)) }.max() == 63)
            for (column, integer) in integers.enumerated() {
                let step = Double(result.scales[row])
                #expect(abs(Self.weights.values[row * 6 + column] - Double(integer) * step) <= 0.5001 * step)
            }
        }
    }

    /// Eight rows of four channels of a 1x3 filter, some weights of which are far larger than the others.
    private static let filters = Matrix(
        rows: 8, columns: 12,
        (0..<96).map { place in
            let weight = Double((place * 53) % 97) / 97 - 0.5
            return place % 7 == 0 ? 4 * weight : weight
        })
    private static let patches = {
        var covariance = Matrix(rows: 12, columns: 12)
        for row in 0..<12 {
            for column in 0..<12 {
                covariance.values[row * 12 + column] =
                    (row == column ? 2 : 0) + Double((row + column) * (row + column) % 11) / 22
            }
        }
        return covariance
    }()

    @Test("Two neighbours never sum beyond 128, and steps are finer than with weights up to 63")
    func neighbours() throws {
        let free = [Double](repeating: 0, count: 8)
        func results(_ limits: WeightLimits) throws -> [RowRounding.Result] {
            let rounding = RowRounding(limits: limits, workers: Workers(count: 1))
            return [
                rounding.nearest(Self.filters, free),
                try #require(
                    rounding.compensated(Self.filters, covariance: Self.patches, ridge: 0.01, free)),
            ]
        }
        let limited = try results(WeightLimits(largest: 127, taps: 3))
        for result in limited {
            for row in 0..<8 {
                let integers = result.integers[(row * 12)..<(row * 12 + 12)].map(Int.init)
                for (first, second) in [0, 1, 2, 6, 7, 8].map({ (integers[$0], integers[$0 + 3]) }) {
                    #expect(first * second <= 0 || abs(first + second) <= 128)
                }
            }
            #expect(result.integers.contains { abs(Int($0)) > 64 })
        }
        for (own, half) in zip(limited, try results(WeightLimits(largest: 63))) {
            #expect(zip(own.scales, half.scales).allSatisfy { $0 < $1 })
        }
        let full = try results(WeightLimits(largest: 127))
        #expect(zip(full, limited).allSatisfy { $0.scales != $1.scales })
    }

    @Test(
        "Layers whose neighbours lie elsewhere take half the range, those without any all of it",
        arguments: [
            ([8, 4, 3, 3], 1, 127, 9), ([8, 3, 3, 3], 1, 64, nil), ([8, 1, 1, 1], 1, 127, nil),
            ([8, 1, 3, 3], 1, 64, nil), ([8, 1, 3, 3], 8, 127, nil),
        ] as [([Int], Int, Int, Int?)])
    func layers(_ shape: [Int], groups: Int, largest: Int, distance: Int?) {
        let weights = ConvolutionWeights(
            shape: shape, groups: groups, weights: [Float](repeating: 0, count: shape.reduce(1, *)),
            bias: [Float](repeating: 0, count: 8))
        let limits = WeightLimits(.neighbours, weights)
        #expect(limits.largest == largest)
        #expect(limits.neighbour(of: 0) == distance)
    }

    @Test("Rows of zeros, and features that never vary, are rounded too")
    func degenerate() throws {
        let rounding = RowRounding(limits: WeightLimits(largest: 127), workers: Workers(count: 1))
        let zeros = Matrix(rows: 1, columns: 6)
        let flat = try #require(
            rounding.compensated(zeros, covariance: Matrix(rows: 6, columns: 6), ridge: 1, [0]))
        #expect(flat.integers.allSatisfy { $0 == 0 } && flat.scales == [1])
    }

    @Test("A step is never so small that the bias would not fit into 32 bits")
    func bias() throws {
        let rounding = RowRounding(limits: WeightLimits(largest: 127), workers: Workers(count: 1))
        let tiny = Matrix(rows: 1, columns: 1, [1e-20])
        #expect(rounding.nearest(tiny, [0.001]).scales == [0.001])
    }
}
