/// Draws batches: all images in a random order, then all in another one.
struct BatchOrder {
    private let images: Int
    private var pending: [Int] = []

    init(images: Int) { self.images = images }

    /// The next images, in the order in which they were drawn.
    mutating func next(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Int] {
        while pending.count < count { pending += (0..<images).shuffled(using: &generator) }
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }
}
