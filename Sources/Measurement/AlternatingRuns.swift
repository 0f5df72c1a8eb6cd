/// Runs several things in turn and takes the time of each run.
///
/// In even rounds they take turns in order, in odd rounds in reverse order (A B B A ...), so that neither always
/// follows the other and a drift of the machine's speed falls on all alike.
public struct AlternatingRuns {
    /// Rounds that are run before any is timed: they fill caches and make plans.
    public var warmUp: Int
    /// Rounds whose times are kept; each runs everything once.
    public var rounds: Int

    /// Rounds that are kept, after some that are not.
    public init(warmUp: Int = 3, rounds: Int) {
        self.warmUp = warmUp
        self.rounds = rounds
    }

    /// Seconds by subject and round.
    ///
    /// - Parameter now: seconds on a clock that never goes back.
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
