import Dispatch

/// A value that another thread computes in the background; reading it waits for it.
///
/// Values are computed one at a time, in the order in which they were created.
final class Background<Value: Sendable>: Sendable {
    /// Accessed on `backgroundQueue` only.
    private nonisolated(unsafe) var computed: Value?
    private let compute: @Sendable () -> Value

    /// - Parameter threads: the number that may be used; with one, nothing is computed until it is read.
    init(threads: Int, _ compute: @escaping @Sendable () -> Value) {
        self.compute = compute
        if threads > 1 { backgroundQueue.async { _ = self.valueOnQueue() } }
    }

    var value: Value { backgroundQueue.sync { valueOnQueue() } }

    private func valueOnQueue() -> Value {
        if let computed { return computed }
        let value = compute()
        computed = value
        return value
    }
}

private let backgroundQueue = DispatchQueue(label: "modconvert.background")
