import Measurement
import Testing

@Suite struct SampleTests {
    @Test(
        "Median, minimum and maximum",
        arguments: [
            ([3], 3), ([4, 1], 2.5), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5), ([1, 1, 1, 9], 1),
        ] as [([Double], Double)])
    func median(values: [Double], median: Double) throws {
        let sample = try #require(Sample(values))
        #expect(sample.median == median)
        #expect(sample.minimum == values.min() && sample.maximum == values.max())
        #expect(sample.values == values)
    }

    @Test("What is not a number is no sample", arguments: [[], [.nan], [1, .infinity]] as [[Double]])
    func refused(values: [Double]) { #expect(Sample(values) == nil) }

    /// The ranks r of the 95 % interval, from tables of the sign test: the interval is x(r) ... x(n + 1 - r).
    @Test(
        "The interval of the median has the ranks of the binomial tables",
        arguments: [
            (6, 1), (8, 1), (9, 2), (10, 2), (12, 3), (15, 4), (20, 6), (25, 8), (30, 10), (50, 18),
            (100, 40),
        ])
    func ranks(count: Int, rank: Int) throws {
        // Shuffled by a step that is prime to the count.
        let step = [7, 11, 13].first { count % $0 != 0 } ?? 1
        let sample = try #require(Sample((0..<count).map { Double($0 * step % count + 1) }))
        let interval = try #require(sample.medianInterval(confidence: 0.95))
        #expect(interval == Double(rank)...Double(count + 1 - rank))
    }

    @Test("Too few values carry no interval", arguments: 1...5)
    func tooFew(count: Int) throws {
        let sample = try #require(Sample((0..<count).map(Double.init)))
        #expect(sample.medianInterval(confidence: 0.95) == nil)
    }

    @Test("Many values give a narrow interval, without underflow")
    func many() throws {
        let sample = try #require(Sample((0..<10_000).map(Double.init)))
        let interval = try #require(sample.medianInterval(confidence: 0.95))
        // The normal approximation: n/2 - 1.96 sqrt(n)/2.
        #expect(abs(interval.lowerBound - 4901) <= 2)
        #expect(abs(interval.upperBound - 5098) <= 2)
    }
}
