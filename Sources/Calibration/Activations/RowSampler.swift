import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Picks the positions of a map that become rows of least-squares problems: a fixed number for each sample,
/// drawn once from the seed, ascending.
package struct RowSampler: Sendable {
    package let seed: UInt64
    /// The approximate number of rows over all fitted samples.
    package let rows: Int
    package let samples: Int

    package init(seed: UInt64, rows: Int, samples: Int) {
        (self.seed, self.rows, self.samples) = (seed, rows, samples)
    }

    /// The positions of a sample's map of `pixels` elements.
    func positions(sample: Int, pixels: Int) -> [Int] {
        let count = min(pixels, max(1, (rows + samples - 1) / max(1, samples)))
        guard count < pixels else { return Array(0..<pixels) }
        var generator = SeededGenerator(seed: seed, stream: "rows/\(sample)/\(pixels)")
        // Floyd's sampling without replacement.
        var chosen: Set<Int> = []
        for limit in (pixels - count)..<pixels {
            let candidate = Int.random(in: 0...limit, using: &generator)
            if !chosen.insert(candidate).inserted { chosen.insert(limit) }
        }
        return chosen.sorted()
    }

    /// The channels of `maps` [n, C, H, W] at the sampled positions, rows x C.
    ///
    /// - Parameter first: the number of the chunk's first sample.
    package func rows(of maps: Tensor, first: Int, _ workers: Workers) throws -> SingleRows {
        try patches(of: maps, Window.point, output: Array(maps.shape.suffix(2)), first: first, workers)
    }

    /// The inputs of a convolution at the sampled positions of its output: rows x (C * kernel height *
    /// width), with elements in the order of a filter.
    ///
    /// - Parameter output: height and width of the convolution's output.
    package func patches(
        of maps: Tensor, _ window: Window, output: [Int], first: Int, _ workers: Workers
    ) throws -> SingleRows {
        let samples = maps.shape[0]
        let patches = Patches(maps.shape, window)
        let positions = (0..<samples).map {
            self.positions(sample: first + $0, pixels: output[0] * output[1])
        }
        let starts = positions.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        let (rows, columns) = (starts.last ?? 0, patches.columns)
        let values = try maps.withElements(of: Float.self) { elements in
            [Float](unsafeUninitializedCapacity: rows * columns) { target, count in
                nonisolated(unsafe) let (maps, target) = (elements, target)
                workers.forEach(samples) { sample in
                    patches.copy(
                        sample, at: positions[sample].map { ($0 / output[1], $0 % output[1]) }, from: maps,
                        to: UnsafeMutableBufferPointer(
                            rebasing: target[(starts[sample] * columns)..<(starts[sample + 1] * columns)]))
                }
                count = rows * columns
            }
        }
        return SingleRows(rows: rows, columns: columns, values)
    }
}

/// The patches of maps [n, C, H, W] that a window sees.
private struct Patches: Sendable {
    private let channels: Int
    private let height: Int
    private let width: Int
    private let window: Window
    /// The distance of each tap from the window's first one, in a map.
    private let taps: [Int]

    init(_ shape: [Int], _ window: Window) {
        (channels, height, width) = (shape[1], shape[2], shape[3])
        self.window = window
        let width = width
        taps = (0..<window.kernel[0]).flatMap { row in
            (0..<window.kernel[1]).map { row * window.dilations[0] * width + $0 * window.dilations[1] }
        }
    }

    var columns: Int { channels * taps.count }

    /// Copies a sample's patches at positions (row, column) of the output, each channel by channel. Some channels of all
    /// positions are copied before the next ones, so that few maps are read at a time.
    func copy(
        _ sample: Int, at positions: [(Int, Int)], from maps: UnsafeBufferPointer<Float>,
        to target: UnsafeMutableBufferPointer<Float>
    ) {
        let area = height * width
        let corners = positions.map { row, column in
            (
                top: row * window.strides[0] - window.padBegin[0],
                left: column * window.strides[1] - window.padBegin[1]
            )
        }
        let (below, right) = (
            (window.kernel[0] - 1) * window.dilations[0], (window.kernel[1] - 1) * window.dilations[1]
        )
        guard let maps = maps.baseAddress, let target = target.baseAddress else { return }
        taps.withUnsafeBufferPointer { taps in
            for first in stride(from: 0, to: channels, by: Patches.block) {
                let count = min(Patches.block, channels - first)
                for (row, corner) in corners.enumerated() {
                    let isInside =
                        corner.top >= 0 && corner.left >= 0 && corner.top + below < height
                        && corner.left + right < width
                    var place = target + row * columns + first * taps.count
                    var map = maps + (sample * channels + first) * area
                    if isInside { map += corner.top * width + corner.left }
                    for _ in 0..<count {
                        if isInside {
                            for (index, tap) in taps.enumerated() {
                                (place + index).initialize(to: map[tap])
                            }
                        } else {
                            copyEdge(corner, map, to: place)
                        }
                        place += taps.count
                        map += area
                    }
                }
            }
        }
    }

    /// Copies a patch of one channel that the map's edge cuts; zeros lie beyond.
    private func copyEdge(
        _ corner: (top: Int, left: Int), _ map: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
    ) {
        var place = target
        for row in 0..<window.kernel[0] {
            let y = corner.top + row * window.dilations[0]
            for column in 0..<window.kernel[1] {
                let x = corner.left + column * window.dilations[1]
                let isInside = y >= 0 && y < height && x >= 0 && x < width
                place.initialize(to: isInside ? map[y * width + x] : 0)
                place += 1
            }
        }
    }

    /// Channels that are copied at a time: as many as fill a line of the cache.
    private static let block = 16
}

extension Window {
    /// The window that sees one element.
    static let point = Window(
        kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padBegin: [0, 0], padEnd: [0, 0])
}

extension Tensor {
    /// The mean of each channel of maps [n, C, H, W], n x C.
    func channelMeans() throws -> Matrix {
        let (samples, channels) = (shape[0], shape[1])
        let pixels = shape[2...].reduce(1, *)
        return try withElements(of: Float.self) { elements in
            var means = Matrix(rows: samples, columns: channels)
            for plane in 0..<(samples * channels) {
                var sum = 0.0
                for element in elements[(plane * pixels)..<((plane + 1) * pixels)] { sum += Double(element) }
                means.values[plane] = sum / Double(max(1, pixels))
            }
            return means
        }
    }
}
