import Calibration
import Testing

@Suite struct StatisticsTests {
    @Test(
        "Wilson intervals as tables have them",
        arguments: [
            (8, 10, 0.4902, 0.9433), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (950, 1000, 0.9347, 0.9619),
        ])
    func wilson(hits: Int, samples: Int, low: Double, high: Double) {
        let interval = Proportion(hits: hits, samples: samples).interval
        #expect(abs(interval.lowerBound - low) < 5e-5)
        #expect(abs(interval.upperBound - high) < 5e-5)
    }

    @Test(
        "McNemar's exact test: the binomial distribution, two-sided",
        arguments: [
            (10, 2, 158.0 / 4096), (2, 10, 158.0 / 4096), (1, 5, 14.0 / 64), (3, 3, 1.0), (0, 0, 1.0),
        ])
    func mcNemar(first: Int, second: Int, probability: Double) {
        #expect(abs(McNemar(onlyFirst: first, onlySecond: second).probability - probability) < 1e-12)
    }

    @Test("Large counts do not overflow; equal ones tie")
    func large() {
        #expect(McNemar(onlyFirst: 5000, onlySecond: 5000).isTie)
        let far = McNemar(onlyFirst: 5000, onlySecond: 4000)
        #expect(far.probability < 1e-20 && far.probability >= 0)
    }
}
