import Synchronization

/// A line on the terminal with the share of work done, and an estimate of the remaining time.
final class ProgressReport: Sendable {
    private struct State {
        let start = ContinuousClock.now
        var isShown = false
    }

    private let title: String
    private let state = Mutex(State())

    init(_ title: String) { self.title = title }

    /// Shows the progress, starting one second after the work began.
    func update(_ step: String, _ share: Double) {
        state.withLock { state in
            let elapsed = state.start.duration(to: .now)
            guard elapsed > .seconds(1) else { return }
            let percent = Int((share * 100).rounded(.down))
            var line = "\(title): \(percent)%, \(step)"
            if share > 0.02 {
                let left = elapsed * ((1 - share) / share)
                line += ", \(ProgressReport.text(left)) left"
            }
            StandardError.write("\r\u{1b}[K\(line)")
            state.isShown = true
        }
    }

    func end() {
        state.withLock { state in
            if state.isShown { StandardError.write("\r\u{1b}[K") }
        }
    }

    private static func text(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        return seconds < 60 ? "\(seconds + 1) s" : "\(seconds / 60) min \(seconds % 60) s"
    }
}

extension Console {
    /// Does long work that reports its progress, which is shown if standard error is a terminal.
    func progress<Result>(
        _ title: String, _ work: (_ report: (String, Double) -> Void) throws -> Result
    ) rethrows -> Result {
        guard showsProgress else { return try work { _, _ in } }
        let report = ProgressReport(title)
        defer { report.end() }
        return try work(report.update)
    }
}
