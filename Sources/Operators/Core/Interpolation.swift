import GraphIR

/// How Resize and Upsample find the elements that an output position is interpolated from: for each axis on
/// its own, a few input positions with weights.
struct Interpolation {
    enum Mode: String { case nearest, linear, cubic }

    enum Coordinates: String {
        case halfPixel = "half_pixel"
        case halfPixelSymmetric = "half_pixel_symmetric"
        case pytorchHalfPixel = "pytorch_half_pixel"
        case alignCorners = "align_corners"
        case asymmetric
        case tfHalfPixelForNN = "tf_half_pixel_for_nn"
        case tfCropAndResize = "tf_crop_and_resize"
    }

    enum Rounding: String {
        case preferFloor = "round_prefer_floor"
        case preferCeil = "round_prefer_ceil"
        case floor
        case ceil
    }

    var mode = Mode.nearest
    var coordinates = Coordinates.asymmetric
    var rounding = Rounding.floor
    var cubicCoefficient = -0.75
    /// Whether cubic weights beyond the edge are left out and the others scaled up.
    var excludesOutside = false
    /// With `tfCropAndResize`: what positions outside the input give.
    var extrapolation = 0.0

    /// One axis of a resize.
    struct Axis {
        let input: Int
        let output: Int
        let scale: Double
        /// The output extent before it was rounded down, where a scale gave it.
        let length: Double
        /// The region of interest, from 0 to 1 (for `tfCropAndResize`).
        var region = (start: 0.0, end: 1.0)
    }

    /// Resizes axis after axis.
    ///
    /// - Parameters:
    ///   - values: row-major elements whose extents are the axes' inputs.
    ///   - axes: one for each axis of the tensor; none of the extents is 0.
    func resize(_ values: [Double], _ axes: [Axis]) -> [Double] {
        var values = values
        var isOutside = [Bool](repeating: false, count: 1)
        for (position, axis) in axes.enumerated() {
            let taps = (0..<axis.output).map { self.taps(at: $0, axis) }
            let outside = (0..<axis.output).map { isBeyond($0, axis) }
            isOutside = isOutside.flatMap { before in outside.map { before || $0 } }
            guard axis.input != axis.output || !isIdentity(taps) else { continue }
            let inner = axes[(position + 1)...].reduce(1) { $0 * $1.input }
            let outer = axes[..<position].reduce(1) { $0 * $1.output }
            var result: [Double] = []
            result.reserveCapacity(outer * axis.output * inner)
            for row in 0..<outer {
                for line in taps {
                    for column in 0..<inner {
                        result.append(
                            line.reduce(0) {
                                $0 + values[(row * axis.input + $1.position) * inner + column] * $1.weight
                            })
                    }
                }
            }
            values = result
        }
        for index in values.indices where isOutside[index] { values[index] = extrapolation }
        return values
    }

    private func isIdentity(_ taps: [[(position: Int, weight: Double)]]) -> Bool {
        taps.enumerated().allSatisfy { $1.count == 1 && $1[0].position == $0 && $1[0].weight == 1 }
    }

    /// The input coordinate that an output position falls on.
    private func coordinate(of position: Int, _ axis: Axis) -> Double {
        let x = Double(position)
        let (input, output) = (Double(axis.input), axis.length)
        let half = (x + 0.5) / axis.scale - 0.5
        switch coordinates {
        case .halfPixel: return half
        case .halfPixelSymmetric:
            return input / 2 * (1 - Double(axis.output) / output) + half
        case .pytorchHalfPixel: return axis.output > 1 ? half : 0
        case .alignCorners: return axis.output > 1 ? x * (input - 1) / (output - 1) : 0
        case .asymmetric: return x / axis.scale
        case .tfHalfPixelForNN: return (x + 0.5) / axis.scale
        case .tfCropAndResize:
            let (start, end) = axis.region
            return axis.output > 1
                ? start * (input - 1) + x * (end - start) * (input - 1) / (output - 1)
                : 0.5 * (start + end) * (input - 1)
        }
    }

    private func isBeyond(_ position: Int, _ axis: Axis) -> Bool {
        guard coordinates == .tfCropAndResize else { return false }
        let x = coordinate(of: position, axis)
        return x < 0 || x > Double(axis.input - 1)
    }

    private func taps(at position: Int, _ axis: Axis) -> [(position: Int, weight: Double)] {
        let x = coordinate(of: position, axis)
        let last = axis.input - 1
        func clamped(_ place: Double) -> Int { min(max(place.truncatedToInt, 0), last) }
        let below = x.rounded(.down)
        let fraction = x - below
        switch mode {
        case .nearest:
            let place =
                switch rounding {
                case .preferFloor: (x - 0.5).rounded(.up)
                case .preferCeil: (x + 0.5).rounded(.down)
                case .floor: below
                case .ceil: x.rounded(.up)
                }
            return [(clamped(place), 1)]
        case .linear:
            if fraction == 0 { return [(clamped(below), 1)] }
            return [(clamped(below), 1 - fraction), (clamped(below + 1), fraction)]
        case .cubic:
            let weights = cubicWeights(fraction)
            var taps = (0..<4).map { (place: below + Double($0 - 1), weight: weights[$0]) }
            if excludesOutside {
                taps = taps.filter { $0.place >= 0 && $0.place <= Double(last) }
                let sum = taps.reduce(0) { $0 + $1.weight }
                if sum != 0 { taps = taps.map { ($0.place, $0.weight / sum) } }
            }
            return taps.map { (clamped($0.place), $0.weight) }
        }
    }

    /// Keys' cubic convolution at distances 1 + t, t, 1 - t and 2 - t.
    private func cubicWeights(_ t: Double) -> [Double] {
        let a = cubicCoefficient
        func near(_ d: Double) -> Double { ((a + 2) * d - (a + 3)) * d * d + 1 }
        func far(_ d: Double) -> Double { ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
        return [far(1 + t), near(t), near(1 - t), far(2 - t)]
    }
}
