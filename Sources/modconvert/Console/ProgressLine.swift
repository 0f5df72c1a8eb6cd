import Dispatch
import Synchronization

/// A line on the terminal that names a step which takes longer than a second; it is removed when the step
/// ends.
final class ProgressLine: Sendable {
    private enum State { case waiting, shown, ended }

    private let state = Mutex(State.waiting)

    init(_ title: String) {
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in self?.show(title) }
    }

    func end() {
        state.withLock { state in
            if state == .shown { StandardError.write("\r\u{1b}[K") }
            state = .ended
        }
    }

    private func show(_ title: String) {
        state.withLock { state in
            guard state == .waiting else { return }
            StandardError.write("\(title) ...")
            state = .shown
        }
    }
}
