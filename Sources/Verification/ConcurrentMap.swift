import Dispatch
import Synchronization

/// Calls `body` for every index, on up to `threads` threads, and returns the results in order.
///
/// - Parameter threads: nil for as many as there are processors.
/// - Throws: the error of the first index whose call threw.
func concurrentMap<Element: Sendable>(
    _ indices: Range<Int>, threads: Int?, _ body: @Sendable (Int) throws -> Element
) throws -> [Element] {
    let results = Mutex<[Int: Result<Element, any Error>]>([:])
    let next = Atomic<Int>(indices.lowerBound)
    let workers = min(threads ?? .max, indices.count)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < indices.upperBound else { return }
            let result = Result { try body(index) }
            results.withLock { $0[index] = result }
        }
    }
    let finished = results.withLock { $0 }
    return try indices.compactMap { try finished[$0]?.get() }
}
