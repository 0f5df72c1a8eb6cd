import Dispatch

/// A value that another thread computes while this one goes on; who reads it waits for it.
///
/// Values are computed in the order in which they were made, one at a time.
final class Background<Value: Sendable>: Sendable {
    /// Only touched on `backgroundQueue`.
    private nonisolated(unsafe) var computed: Value?
    private let compute: @Sendable () -> Value

    /// - Parameter threads: how many may be used; with one, nothing is computed before it is read.
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
