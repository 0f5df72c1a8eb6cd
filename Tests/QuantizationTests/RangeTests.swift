import GraphIR
import MixtureOfDepths
import Testing

@testable import Quantization

@Suite struct RangeTests {
    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: "ranges")
        return generator.normal(count: count, deviation: 1)
    }

    private static func histogram(_ pieces: [[Float]]) throws -> MagnitudeHistogram {
        var histogram = MagnitudeHistogram()
        for piece in pieces { try histogram.add(Tensor(piece)) }
        return histogram
    }

    /// The sum of squared errors of rounding numbers one by one.
    private static func squaredError(_ numbers: [Float], _ scale: ActivationScale) -> Double {
        let (low, high) = scale.integers == .unsigned ? (0, 255) : (-127, 127)
        return numbers.reduce(0) { sum, number in
            let steps =
                (Double(number) / Double(scale.scale)).rounded(.toNearestOrEven) + Double(scale.zeroPoint)
            let back =
                (min(max(steps, Double(low)), Double(high)) - Double(scale.zeroPoint)) * Double(scale.scale)
            return sum + (Double(number) - back) * (Double(number) - back)
        }
    }

    @Test("The estimated error is that of rounding the numbers, whatever the order of their sizes")
    func estimate() throws {
        let numbers = Self.numbers(20_000, seed: 1)
        // The first pieces are small, so the bins have to grow.
        let pieces = [
            numbers.prefix(5_000).map { $0 / 1000 }, numbers.prefix(5_000).map { $0 / 10 }, numbers,
        ]
        let histogram = try Self.histogram(pieces)
        let all = pieces.flatMap { $0 }
        #expect(histogram.count == all.count)
        for range in [-4.5...4.5, -2.0...3.0, -0.5...0.5] {
            let scale = ActivationScale(range, .unsigned)
            let estimate = histogram.squaredError(scale.range, step: Double(scale.scale))
            let exact = Self.squaredError(all, scale)
            #expect(abs(estimate - exact) < 0.05 * exact, "\(range): \(estimate) and \(exact)")
        }
    }

    @Test("No range that is tried by hand has a smaller error", arguments: ActivationIntegers.allCases)
    func best(_ integers: ActivationIntegers) throws {
        var numbers = Self.numbers(20_000, seed: 2)
        numbers += [60, -20]
        let histogram = try Self.histogram([numbers])
        let found = ActivationScale(RangeSearch(histogram: histogram, integers: integers).best(), integers)
        #expect(histogram.share(outside: found.range) > 0)
        let error = Self.squaredError(numbers, found)
        for low in stride(from: -20.0, through: -2, by: 2) {
            for high in stride(from: 2.0, through: 60, by: 2) {
                #expect(error <= 1.02 * Self.squaredError(numbers, ActivationScale(low...high, integers)))
            }
        }
    }

    @Test("Zero is an integer in every scale, and numbers after Relu use all integers")
    func zero() {
        for range in [-1.0...3.0, 0.0...6.0, 2.0...5.0, -3.0 ... -1.0, 0.0...0.0] {
            for integers in ActivationIntegers.allCases {
                let scale = ActivationScale(range, integers)
                #expect(scale.range.contains(0) && scale.scale > 0)
                #expect((0...255).contains(scale.zeroPoint))
            }
        }
        #expect(ActivationScale(0...6, .unsigned).zeroPoint == 0)
        // Otherwise runtimes keep a Clip to 6 as a node of its own.
        #expect(ActivationScale(0...6, .unsigned).range.upperBound <= 6)
    }

    @Test("Numbers that are not finite are noticed", arguments: [Float.infinity, -.infinity, .nan])
    func notFinite(_ number: Float) throws {
        #expect(try !Self.histogram([[1, number, 2]]).isFinite)
    }
}
