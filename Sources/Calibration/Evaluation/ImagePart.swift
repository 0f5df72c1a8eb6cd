/// One of several parts of the images, `i/n`: every n-th batch, from the i-th on.
///
/// A part has whole batches of the evaluation of all images, so that each image is run among the same others and gives
/// the same scores.
public struct ImagePart: Sendable, Equatable, CustomStringConvertible {
    /// From 1 to `count`.
    public let index: Int
    /// The number of parts.
    public let count: Int

    /// All images.
    public static let whole = ImagePart(index: 1, count: 1)

    private init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// A part as `2/3`; nil for other texts, and outside of 1/n to n/n.
    public init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, let index = Int(words[0]), let count = Int(words[1]), index >= 1,
            index <= count
        else { return nil }
        self.init(index: index, count: count)
    }

    public var description: String { "\(index)/\(count)" }

    /// The batches of this part.
    func batches(_ all: [Range<Int>]) -> [Range<Int>] {
        stride(from: index - 1, to: all.count, by: count).map { all[$0] }
    }
}
