import GraphIR
import MixtureOfDepths

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Generated images for calibration without data: filled shapes with texture, on backgrounds.
///
/// Each image has a background (black, one colour, a gradient or texture), and one to eight ellipses,
/// rectangles, triangles and bars of any size, place, angle and colour, plain or with 1/f^b texture, later
/// ones in front. The responses of a network's layers to them span roughly the same space as those to
/// photographs: edges at all angles, closed outlines, and spectra that fall with frequency. Nothing is tuned
/// to a data set.
///
/// Image i depends on the seed and i alone.
public struct SyntheticImages: CalibrationImages {
    public let count: Int
    private let format: ImageFormat
    private let scale: PixelScale
    private let seed: UInt64

    /// Images of the given format; each depends on the seed and its index alone.
    public init(count: Int, format: ImageFormat, scale: PixelScale, seed: UInt64) {
        self.count = count
        self.format = format
        self.scale = scale
        self.seed = seed
    }

    public func batch(_ indices: [Int]) throws -> Tensor {
        let size = format.channels * format.height * format.width
        return try Tensor(shape: format.shape(indices.count), of: Float.self) { elements in
            for (offset, index) in indices.enumerated() {
                let image = SyntheticImage(format, seed: seed, index: index)
                let place = (offset * size)..<((offset + 1) * size)
                image.write(format, scale, to: UnsafeMutableBufferPointer(rebasing: elements[place]))
            }
        }
    }
}

/// One generated image, values in 0...1.
struct SyntheticImage {
    private var generator: SeededGenerator
    private let height: Int
    private let width: Int
    /// [channel][pixel]
    private(set) var planes: [[Double]]

    init(_ format: ImageFormat, seed: UInt64, index: Int) {
        generator = SeededGenerator(seed: seed, stream: "synthetic/\(index)")
        height = format.height
        width = format.width
        planes = [[Double]](
            repeating: [Double](repeating: 0, count: height * width), count: format.channels)
        paintBackground()
        let shapes = 1 + Int(8 * generator.unit() * generator.unit())
        for _ in 0..<shapes { paintShape() }
    }

    func write(_ format: ImageFormat, _ scale: PixelScale, to target: UnsafeMutableBufferPointer<Float>) {
        for channel in planes.indices {
            let (mean, deviation) = (scale.mean[channel], scale.deviation[channel])
            for row in 0..<height {
                for column in 0..<width {
                    let value = min(1, max(0, planes[channel][row * width + column]))
                    target[format.place(channel: channel, row: row, column: column)] =
                        Float((value * scale.factor - mean) / deviation)
                }
            }
        }
    }

    // MARK: Painting

    private mutating func colour() -> [Double] {
        // Mostly near grey, as real surfaces are; sometimes any colour.
        let grey = generator.unit()
        let spread = generator.unit() < 0.3 ? 1.0 : 0.25
        return planes.map { _ in min(1, max(0, grey + spread * (generator.unit() - 0.5))) }
    }

    private mutating func paintBackground() {
        let kind = generator.unit()
        guard kind >= 0.4 else { return }
        let (first, second) = (colour(), colour())
        let angle = 2 * Double.pi * generator.unit()
        let texture = kind < 0.8 ? nil : self.texture()
        let isGradient = kind >= 0.6
        for row in 0..<height {
            for column in 0..<width {
                let place = row * width + column
                let x = Double(column) / Double(width) - 0.5
                let y = Double(row) / Double(height) - 0.5
                var share = isGradient ? 0.5 + (x * cos(angle) + y * sin(angle)) * 0.7 : 0
                if let texture { share = texture[place] }
                for channel in planes.indices {
                    planes[channel][place] = first[channel] + (second[channel] - first[channel]) * share
                }
            }
        }
    }

    private mutating func paintShape() {
        let kind = Int(4 * generator.unit())
        let (centreX, centreY) = (0.15 + 0.7 * generator.unit(), 0.15 + 0.7 * generator.unit())
        let size = 0.08 + 0.45 * generator.unit()
        // Bars are long and thin, other shapes up to three times as long as wide.
        let aspect = kind == 3 ? 0.1 + 0.15 * generator.unit() : 0.33 + 0.67 * generator.unit()
        let angle = 2 * Double.pi * generator.unit()
        let (cosine, sine) = (cos(angle), sin(angle))
        let (first, second) = (colour(), colour())
        let texture = generator.unit() < 0.6 ? self.texture() : nil
        let contrast = 0.2 + 0.8 * generator.unit()
        for row in 0..<height {
            for column in 0..<width {
                let x = (Double(column) + 0.5) / Double(width) - centreX
                let y = (Double(row) + 0.5) / Double(height) - centreY
                let u = (x * cosine + y * sine) / size
                let v = (y * cosine - x * sine) / (size * aspect)
                let isInside =
                    switch kind {
                    case 0: u * u + v * v < 1
                    case 2: v > -1 && v < 1 - 2 * abs(u)
                    default: abs(u) < 1 && abs(v) < 1
                    }
                guard isInside else { continue }
                let place = row * width + column
                let share = contrast * (texture?[place] ?? 0)
                for channel in planes.indices {
                    planes[channel][place] = first[channel] + (second[channel] - first[channel]) * share
                }
            }
        }
    }

    /// Noise whose spectrum falls as 1/f^b with b from 0.5 to 2.5, in 0...1: octaves of interpolated noise.
    private mutating func texture() -> [Double] {
        let exponent = 0.5 + 2 * generator.unit()
        var sum = [Double](repeating: 0, count: height * width)
        var cells = 1 + Int(3 * generator.unit())
        var weight = 1.0
        while cells <= max(height, width) {
            addOctave(&sum, cells: cells, weight: weight)
            weight *= pow(2, -exponent / 2)
            cells *= 2
        }
        let (low, high) = (sum.min() ?? 0, sum.max() ?? 1)
        return sum.map { high > low ? ($0 - low) / (high - low) : 0.5 }
    }

    private mutating func addOctave(_ sum: inout [Double], cells: Int, weight: Double) {
        let side = cells + 1
        let grid = (0..<(side * side)).map { _ in generator.unit() - 0.5 }
        for row in 0..<height {
            let y = Double(row) / Double(height) * Double(cells)
            let (top, down) = (Int(y), y - Double(Int(y)))
            for column in 0..<width {
                let x = Double(column) / Double(width) * Double(cells)
                let (left, right) = (Int(x), x - Double(Int(x)))
                let corner = top * side + left
                let upper = grid[corner] + (grid[corner + 1] - grid[corner]) * right
                let lower = grid[corner + side] + (grid[corner + side + 1] - grid[corner + side]) * right
                sum[row * width + column] += weight * (upper + (lower - upper) * down)
            }
        }
    }
}

extension CalibrationData {
    /// The number of images for a network if the user gives none: 256; of generated ones, whose positions are what counts,
    /// as many as show a million pixels, from 64 to 256 (docs/accuracy.md).
    public func usualSamples(for graph: Graph) -> Int {
        guard isSynthetic, let format = try? ImageFormat(graph) else { return CalibrationData.usualSamples }
        let pixels = max(1, format.height) * max(1, format.width)
        return min(CalibrationData.usualSamples, max(64, (1 << 20) / pixels))
    }
}
