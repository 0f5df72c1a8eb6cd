/// The extents of one image's part of a value: a map [C, H, W].
package struct MapShape: Sendable, Equatable {
    package var channels: Int
    package var height: Int
    package var width: Int

    package init(channels: Int, height: Int, width: Int) {
        (self.channels, self.height, self.width) = (channels, height, width)
    }

    /// From the extents of a value without its batch: at most three, of which missing leading ones are 1.
    ///
    /// - Returns: nil if there are more, or one is not positive.
    init?(_ extents: [Int]) {
        guard extents.count <= 3, extents.allSatisfy({ $0 > 0 }) else { return nil }
        let all = [Int](repeating: 1, count: 3 - extents.count) + extents
        self.init(channels: all[0], height: all[1], width: all[2])
    }

    /// Elements of one channel.
    package var pixels: Int { height * width }
    /// Elements of one image.
    package var elements: Int { channels * pixels }
}
