/// Runs several subjects in turn and times each run.
///
/// Even rounds go in order, odd rounds in reverse order (A B B A ...), so that neither always follows the
/// other and a drift of the machine's speed affects all alike.
public struct AlternatingRuns {
    /// The number of rounds before timing starts: they fill caches and make plans.
    public var warmUp: Int
    /// The number of timed rounds; each runs every subject once.
    public var rounds: Int

    /// Timed rounds after some untimed ones.
    public init(warmUp: Int = 3, rounds: Int) {
        self.warmUp = warmUp
        self.rounds = rounds
    }

    /// The seconds of each run, by subject and round.
    ///
    /// - Parameter now: the seconds of a clock that never goes back.
    public func measure(
        _ subjects: [() throws -> Void], now: () -> Double = MonotonicClock.seconds
    ) throws -> [[Double]] {
        for _ in 0..<max(0, warmUp) {
            for subject in subjects { try subject() }
        }
        var seconds = [[Double]](repeating: [], count: subjects.count)
        for round in 0..<max(0, rounds) {
            for turn in subjects.indices {
                let index = round % 2 == 0 ? turn : subjects.count - 1 - turn
                let begin = now()
                try subjects[index]()
                seconds[index].append(now() - begin)
            }
        }
        return seconds
    }
}

/// The system's monotonic clock.
public enum MonotonicClock {
    private static let origin = ContinuousClock.now

    /// Seconds since some moment in this process.
    public static func seconds() -> Double { (ContinuousClock.now - origin) / .seconds(1) }
}
