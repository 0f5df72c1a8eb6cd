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
    package func rows(of maps: Tensor, first: Int, _ workers: Workers) throws -> Matrix {
        try patches(of: maps, Window.point, output: Array(maps.shape.suffix(2)), first: first, workers)
    }

    /// The inputs of a convolution at the sampled positions of its output: rows x (C * kernel height *
    /// width), with elements in the order of a filter.
    ///
    /// - Parameter output: height and width of the convolution's output.
    package func patches(
        of maps: Tensor, _ window: Window, output: [Int], first: Int, _ workers: Workers
    ) throws -> Matrix {
        let (samples, channels, height, width) = (maps.shape[0], maps.shape[1], maps.shape[2], maps.shape[3])
        let (taps, pixels) = (window.kernel[0] * window.kernel[1], output[0] * output[1])
        let positions = (0..<samples).map { self.positions(sample: first + $0, pixels: pixels) }
        let starts = positions.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        var matrix = Matrix(rows: starts.last ?? 0, columns: channels * taps)
        let columns = matrix.columns
        try maps.withElements(of: Float.self) { elements in
            matrix.values.withUnsafeMutableBufferPointer { rows in
                nonisolated(unsafe) let (maps, target) = (elements, rows)
                workers.forEach(samples) { sample in
                    for (offset, position) in positions[sample].enumerated() {
                        let top = position / output[1] * window.strides[0] - window.padBegin[0]
                        let left = position % output[1] * window.strides[1] - window.padBegin[1]
                        var place = (starts[sample] + offset) * columns
                        for channel in 0..<channels {
                            let plane = (sample * channels + channel) * height * width
                            for row in 0..<window.kernel[0] {
                                let y = top + row * window.dilations[0]
                                for column in 0..<window.kernel[1] {
                                    let x = left + column * window.dilations[1]
                                    if y >= 0, y < height, x >= 0, x < width {
                                        target[place] = Double(maps[plane + y * width + x])
                                    }
                                    place += 1
                                }
                            }
                        }
                    }
                }
            }
        }
        return matrix
    }
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
