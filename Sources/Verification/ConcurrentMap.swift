import Dispatch
import Synchronization

/// Calls `body` for every index, on up to `threads` threads, and returns the results in order.
///
/// - Parameter threads: nil for the number of processors.
/// - Throws: the error of the first index whose call threw.
func concurrentMap<Element: Sendable>(
    _ indices: Range<Int>, threads: Int?, _ body: @Sendable (Int) throws -> Element
) throws -> [Element] {
    var results = [Result<Element, any Error>?](repeating: nil, count: indices.count)
    let next = Atomic<Int>(0)
    let workers = min(threads ?? .max, indices.count)
    results.withUnsafeMutableBufferPointer { results in
        // Each place is written by one thread, and read after all have ended.
        nonisolated(unsafe) let places = results
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while true {
                let place = next.add(1, ordering: .relaxed).oldValue
                guard place < places.count else { return }
                places[place] = Result { try body(indices.lowerBound + place) }
            }
        }
    }
    return try results.compactMap { try $0?.get() }
}
