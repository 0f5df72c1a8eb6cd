import Measurement
import Testing

@Suite struct PairedComparisonTests {
    /// Times around `level` that drift by half over the series and jitter by `jitter`, the same for one seed.
    private static func times(_ level: Double, jitter: Double, count: Int = 25, seed: UInt64) -> [Double] {
        var state = seed
        return (0..<count).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(state >> 33) / Double(1 << 31) - 0.5
            return level * (1 + 0.5 * Double(index) / Double(count)) * (1 + jitter * noise)
        }
    }

    private static func compare(_ a: [Double], _ b: [Double]) throws -> PairedComparison {
        let (a, b) = (try #require(Sample(a)), try #require(Sample(b)))
        return try #require(PairedComparison(a, b))
    }

    @Test("A difference that the pairs carry is called, though each series drifts by more")
    func difference() throws {
        let (slow, fast) = (
            Self.times(1.1, jitter: 0.05, seed: 1), Self.times(1, jitter: 0.05, seed: 2)
        )
        let comparison = try Self.compare(slow, fast)
        #expect(comparison.verdict == .bFaster)
        #expect(abs(comparison.ratios.median - 1.1) < 0.02)
        #expect(comparison.interval.contains(comparison.ratios.median))
        #expect(try Self.compare(fast, slow).verdict == .aFaster)
    }

    @Test("A difference below the spread is none", arguments: [6, 25, 100])
    func spread(count: Int) throws {
        // 0.5 % apart, where every second pair is 20 % off to either side.
        let slow = (0..<count).map { 1.005 * ($0 % 2 == 0 ? 0.8 : 1.2) }
        let comparison = try Self.compare(slow, [Double](repeating: 1, count: count))
        #expect(comparison.verdict == .noDifference)
        #expect(comparison.interval.contains(1))
    }

    @Test("A thing equals itself")
    func equal() throws {
        let times = Self.times(1, jitter: 0.3, seed: 3)
        let comparison = try Self.compare(times, times)
        #expect(comparison.verdict == .noDifference)
        #expect(comparison.interval == 1...1)
    }

    @Test("Too few pairs carry no verdict, however far apart they are")
    func tooFew() throws {
        let comparison = try Self.compare([2, 2, 2, 2, 2.5], [1, 1, 1, 1, 1])
        #expect(comparison.verdict == .tooFewPairs)
        #expect(comparison.interval == 2...2.5)
        #expect(try Self.compare([2, 2, 2, 2, 2, 2.5], [1, 1, 1, 1, 1, 1]).verdict == .bFaster)
    }

    @Test("What cannot be paired is refused")
    func refused() throws {
        let one = try #require(Sample([1]))
        for other in [try #require(Sample([1, 2])), try #require(Sample([0]))] {
            #expect(PairedComparison(one, other) == nil)
        }
    }
}
