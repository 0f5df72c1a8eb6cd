import Measurement
import Testing

@Suite struct AlternatingRunsTests {
    @Test("Warm-up in order, then forth and back; only timed runs count")
    func order() throws {
        var order = ""
        var clock = 0.0
        let seconds = try AlternatingRuns(warmUp: 1, rounds: 3).measure(
            [
                { (order, clock) = (order + "a", clock + 1) },
                { (order, clock) = (order + "b", clock + 10) },
            ], now: { clock })
        #expect(order == "ab" + "ab" + "ba" + "ab")
        #expect(seconds == [[1, 1, 1], [10, 10, 10]])
    }

    @Test("What a run throws ends the measurement")
    func errors() {
        struct Failure: Error {}
        var runs = 0
        #expect(throws: Failure.self) {
            try AlternatingRuns(warmUp: 0, rounds: 9).measure([
                {
                    runs += 1
                    if runs == 3 { throw Failure() }
                }
            ])
        }
        #expect(runs == 3)
    }

    @Test("The machine's peaks are positive", arguments: [1, 2])
    func peaks(threads: Int) {
        let peak = MachinePeak.measure(threads: threads)
        #expect(peak.operationsPerSecond > 1e8 && peak.bytesPerSecond > 1e8)
        #expect(peak.byteOperationsPerSecond > 1e8)
        #expect(peak.threads == threads)
    }
}
