import Dispatch

/// A fixed number of threads that share independent pieces of work.
///
/// Any thread may do any piece; the result of a piece must not depend on the thread.
package struct Workers: Sendable {
    package let count: Int

    package init(count: Int) { self.count = count }

    /// Calls `body` once for each index.
    package func forEach(_ pieces: Int, _ body: @Sendable (Int) -> Void) {
        guard count > 1, pieces > 1 else {
            for piece in 0..<pieces { body(piece) }
            return
        }
        let threads = min(count, pieces)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for piece in stride(from: thread, to: pieces, by: threads) { body(piece) }
        }
    }
}
