import Dispatch
import Synchronization

/// A line on the terminal with the share of work done, and an estimate of the remaining time.
///
/// It appears one second after the work began, whether or not any of it has been done by then.
final class ProgressReport: Sendable {
    private struct State {
        let start = ContinuousClock.now
        var latest = (step: "", share: 0.0)
        var isShown = false
        var isEnded = false
    }

    private let title: String
    private let state = Mutex(State())

    init(_ title: String) {
        self.title = title
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in self?.show() }
    }

    /// Notes how far the work is.
    func update(_ step: String, _ share: Double) {
        state.withLock { $0.latest = (step, share) }
        show()
    }

    func end() {
        state.withLock { state in
            if state.isShown { StandardError.write("\r\u{1b}[K") }
            state.isEnded = true
        }
    }

    /// Writes `progress<tab>title<tab>share<tab>step`, for programs.
    static func writeLine(_ title: String, _ share: Double, _ step: String) {
        let fields = [title, "\(share)", step].map {
            String($0.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        }
        StandardError.write("progress\t\(fields.joined(separator: "\t"))\n")
    }

    private func show() {
        state.withLock { state in
            let elapsed = state.start.duration(to: .now)
            guard elapsed >= .seconds(1), !state.isEnded else { return }
            StandardError.write("\r\u{1b}[K" + line(state.latest.step, state.latest.share, elapsed))
            state.isShown = true
        }
    }

    /// The estimate supposes that the rest goes as fast as what is done, and is left out before that says much.
    private func line(_ step: String, _ share: Double, _ elapsed: Duration) -> String {
        guard !step.isEmpty else { return "\(title) ..." }
        let percent = "\(title): \(Int((share * 100).rounded(.down)))%, \(step)"
        guard share > 0.02 else { return percent }
        return percent + ", \(ProgressReport.text(elapsed * ((1 - share) / share))) left"
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
        if progress == .lines { return try work { ProgressReport.writeLine(title, $1, $0) } }
        guard showsProgress else { return try work { _, _ in } }
        let report = ProgressReport(title)
        defer { report.end() }
        return try work(report.update)
    }
}
