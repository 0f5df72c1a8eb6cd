import Dispatch
import Synchronization

/// A value that another thread computes while this one goes on; who reads it first waits, or computes it.
///
/// Values are computed in the order in which they were made, one at a time.
final class Background<Value: Sendable>: Sendable {
    private let computed = Mutex<Value?>(nil)
    private let compute: @Sendable () -> Value

    /// - Parameter threads: how many may be used; with one, nothing is computed before it is read.
    init(threads: Int, _ compute: @escaping @Sendable () -> Value) {
        self.compute = compute
        if threads > 1 { backgroundQueue.async { _ = self.value } }
    }

    var value: Value {
        computed.withLock { known in
            if let known { return known }
            let value = compute()
            known = value
            return value
        }
    }
}

private let backgroundQueue = DispatchQueue(label: "modconvert.background")
