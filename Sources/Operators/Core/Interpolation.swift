import GraphIR

/// The interpolation of Resize and Upsample: for each axis separately, the few input positions that an output
/// position is interpolated from, with their weights.
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
    /// Whether weights beyond the edge are left out and the others scaled up to compensate.
    var excludesOutside = false
    /// Whether the filter widens along an axis that shrinks, in proportion, so that every input element
    /// counts.
    var isAntialiased = false
    /// With `tfCropAndResize`: the value of positions outside the input.
    var extrapolation = 0.0

    /// One axis of a resize.
    struct Axis {
        let input: Int
        let output: Int
        /// Output elements for each input element. The output extent is rounded; this is not.
        let scale: Float
        /// The output extent that the corners are aligned to: the value before rounding if a scale gave it.
        let length: Float
        /// The region of interest, from 0 to 1 (for `tfCropAndResize`).
        var region: (start: Float, end: Float) = (0, 1)
    }

    /// An input position, and its share in an output element.
    typealias Tap = (position: Int, weight: Double)

    /// Resizes axis after axis.
    ///
    /// - Parameters:
    ///   - values: row-major elements whose extents are the axes' inputs.
    ///   - axes: one for each axis of the tensor; none of the extents is 0.
    func resize(_ values: [Double], _ axes: [Axis]) -> [Double] {
        var values = values
        var isOutside = [Bool](repeating: false, count: 1)
        for (position, axis) in axes.enumerated() {
            let outside = (0..<axis.output).map { isBeyond($0, axis) }
            isOutside = isOutside.flatMap { before in outside.map { before || $0 } }
            if isIdentity(axis) { continue }
            let inner = axes[(position + 1)...].reduce(1) { $0 * $1.input }
            let outer = axes[..<position].reduce(1) { $0 * $1.output }
            var result = [Double](repeating: 0, count: outer * axis.output * inner)
            for place in 0..<axis.output {
                let taps = taps(at: place, axis)
                for row in 0..<outer {
                    for column in 0..<inner {
                        result[(row * axis.output + place) * inner + column] = taps.reduce(0) {
                            $0 + values[(row * axis.input + $1.position) * inner + column] * $1.weight
                        }
                    }
                }
            }
            values = result
        }
        for index in values.indices where isOutside[index] { values[index] = extrapolation }
        return values
    }

    /// Whether every output element of the axis is the input element at the same position.
    private func isIdentity(_ axis: Axis) -> Bool {
        guard axis.input == axis.output else { return false }
        return (0..<axis.output).allSatisfy { place in
            let taps = taps(at: place, axis)
            return taps.count == 1 && taps[0] == (place, 1)
        }
    }

    /// The input coordinate of an output position, in single precision: a coordinate half way between two
    /// elements must fall to the same side as in other runtimes.
    private func coordinate(of position: Int, _ axis: Axis) -> Float {
        let x = Float(position)
        let (input, output) = (Float(axis.input), axis.length)
        let half = (x + 0.5) / axis.scale - 0.5
        switch coordinates {
        case .halfPixel: return half
        case .halfPixelSymmetric:
            return input / 2 * (1 - Float(axis.output) / (axis.scale * input)) + half
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
        return x < 0 || x > Float(axis.input - 1)
    }

    private func taps(at position: Int, _ axis: Axis) -> [Tap] {
        let x = Double(coordinate(of: position, axis))
        switch mode {
        case .nearest:
            let place =
                switch rounding {
                case .preferFloor: (x - 0.5).rounded(.up)
                case .preferCeil: (x + 0.5).rounded(.down)
                case .floor: x.rounded(.down)
                case .ceil: x.rounded(.up)
                }
            return [(clamped(place, axis), 1)]
        case .linear: return filtered(x, axis, reach: 1) { max(0, 1 - $0) }
        case .cubic: return filtered(x, axis, reach: 2, cubicWeight)
        }
    }

    /// The factor by which the filter along an axis is wider than usual.
    func width(_ axis: Axis) -> Double { isAntialiased ? max(1, 1 / Double(axis.scale)) : 1 }

    /// The taps of a filter that extends `reach` elements to both sides of `x`.
    ///
    /// - Parameter weight: the filter at a distance that is not negative.
    private func filtered(_ x: Double, _ axis: Axis, reach: Double, _ weight: (Double) -> Double) -> [Tap] {
        let width = width(axis)
        let (first, end) = ((x - reach * width).rounded(.down) + 1, (x + reach * width).rounded(.up))
        // The coordinate is not a number.
        guard first < end else {
            return [(clamped(x, axis), 1)]
        }
        var taps = stride(from: first, to: end, by: 1).map { place in
            (place: place, weight: weight(abs(place - x) / width))
        }
        if excludesOutside { taps.removeAll { $0.place < 0 || $0.place > Double(axis.input - 1) } }
        let sum = taps.reduce(0) { $0 + $1.weight }
        let divisor = (isAntialiased || excludesOutside) && sum != 0 ? sum : 1
        return taps.compactMap { $0.weight == 0 ? nil : (clamped($0.place, axis), $0.weight / divisor) }
    }

    private func clamped(_ place: Double, _ axis: Axis) -> Int {
        min(max(place.truncatedToInt, 0), axis.input - 1)
    }

    /// Keys' cubic convolution at a distance below 2.
    func cubicWeight(_ distance: Double) -> Double {
        let (a, d) = (cubicCoefficient, distance)
        return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    }
}
