/// A division of 0..<total into equal chunks, the last one shorter.
struct Chunks: Sendable {
    let total: Int
    let size: Int

    var count: Int { (total + size - 1) / size }

    /// - Parameter size: 1 is used if it is smaller.
    init(of total: Int, size: Int) {
        self.total = total
        self.size = max(1, min(size, total))
    }

    subscript(index: Int) -> Range<Int> { index * size..<min(total, (index + 1) * size) }
}
