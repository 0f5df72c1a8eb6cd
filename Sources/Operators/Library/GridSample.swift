import GraphIR

/// `GridSample`: the input interpolated at the positions of a grid (ONNX GridSample-16, 20, 22).
///
/// X [N, C, D1...Dn], grid [N, O1...On, n] of positions from -1 to 1, the innermost axis first -> Y [N, C,
/// O1...On]. -1 and 1 are the centres of the corner elements with `align_corners`, and otherwise their outer
/// edges. Modes are linear, nearest and cubic (before opset 20 bilinear and bicubic). Outside the input the
/// value is 0, the nearest element (`padding_mode` border), or the mirrored input (reflection).
public struct GridSample: Operator {
    public let name = "GridSample"
    public let versions = [16, 20, 22]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 2...2, .optional("align_corners", .flag), .optional("mode", .string),
            .optional("padding_mode", .string))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape, let grid = context.shape(1) else {
            return [TensorType(x.elementType, nil)]
        }
        guard shape.rank <= GridSample.largestRank else {
            throw context.error(.unsupported, "inputs of rank \(shape.rank) are not supported")
        }
        guard shape.rank >= 3, grid.rank == shape.rank, let batch = shape[0].merged(with: grid[0]),
            grid[grid.rank - 1].value ?? shape.rank - 2 == shape.rank - 2
        else { throw context.error(.shape, "grid \(grid) does not fit input \(shape)") }
        return [TensorType(x.elementType, Shape([batch, shape[1]] + grid.dims[1..<(grid.rank - 1)]))]
    }

    /// One operation for each element that an output element is interpolated from.
    public func cost(_ context: OperatorContext) -> Cost? {
        guard let rank = context.shape(0)?.rank, rank <= GridSample.largestRank,
            let mode = try? Mode(context)
        else { return nil }
        return Cost.elementwise(
            context, perElement: (2..<max(2, rank)).reduce(1) { count, _ in count * mode.taps })
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let grid = try context.required(inputs, 1)
        guard let shape = try inferTypes(context).first??.shape?.extents else {
            throw context.error(.shape, "grid \(grid.type) does not fit input \(x.type)")
        }
        let count = try context.checkedCount(shape)
        let axes = x.rank - 2
        guard x.elementCount > 0 || count == 0 else {
            throw context.error(.shape, "input \(x.type) has no element to sample")
        }
        let sampler = try Sampler(context, extents: Array(x.shape[2...]))
        let (values, positions) = (try x.reals(context), try grid.reals(context))
        let (plane, points) = (x.shape[2...].reduce(1, *), shape[2...].reduce(1, *))
        let channels = x.shape[1]
        var y = [Double](repeating: 0, count: count)
        for point in 0..<(count > 0 ? shape[0] * points : 0) {
            let taps = sampler.taps(positions[(point * axes)..<((point + 1) * axes)].map { Float($0) })
            for channel in 0..<channels {
                let row = point / points * channels + channel
                y[row * points + point % points] = taps.reduce(0) {
                    $0 + $1.weight * values[row * plane + $1.position]
                }
            }
        }
        return [try context.tensor(x.elementType, shape, reals: y)]
    }

    /// An element is interpolated from up to 4^(rank - 2) others.
    private static let largestRank = 7

    private enum Mode: String {
        case nearest, linear, cubic

        init(_ context: OperatorContext) throws(OperatorError) {
            switch try context.string("mode") ?? "linear" {
            case "nearest": self = .nearest
            case "linear", "bilinear": self = .linear
            case "cubic", "bicubic": self = .cubic
            case let name: throw context.error(.attribute, "mode \"\(name)\" is unknown")
            }
        }

        /// The number of elements along one axis that a position is interpolated from.
        var taps: Int {
            switch self {
            case .nearest: 1
            case .linear: 2
            case .cubic: 4
            }
        }
    }

    private enum Padding: String { case zeros, border, reflection }

    /// Finds the elements around a position of the grid, with their weights. Positions are in single
    /// precision, so that a position half way between two elements falls to the same side as in onnxruntime.
    private struct Sampler {
        let extents: [Int]
        let mode: Mode
        let padding: Padding
        let alignsCorners: Bool

        init(_ context: OperatorContext, extents: [Int]) throws(OperatorError) {
            self.extents = extents
            mode = try Mode(context)
            padding = try context.choice("padding_mode", default: .zeros)
            alignsCorners = try context.flag("align_corners", default: false)
        }

        /// Offsets within a plane, with weights.
        ///
        /// - Parameter position: one coordinate for each axis, innermost first.
        func taps(_ position: [Float]) -> [Interpolation.Tap] {
            zip(extents, position.reversed()).reduce([(0, 1)]) { outer, axis in
                let inner = taps(axis.1, axis.0)
                return outer.flatMap { tap in
                    inner.map { (tap.position * axis.0 + $0.position, tap.weight * $0.weight) }
                }
            }
        }

        private func taps(_ coordinate: Float, _ extent: Int) -> [Interpolation.Tap] {
            let length = Float(extent)
            let (low, high): (Float, Float) = alignsCorners ? (0, length - 1) : (-0.5, length - 0.5)
            var x =
                alignsCorners
                ? (coordinate + 1) / 2 * (length - 1) : ((coordinate + 1) * length - 1) / 2
            if mode == .nearest { x.round(.toNearestOrEven) }
            // The elements around a cubic position are mirrored or clamped one by one instead.
            if mode != .cubic, x < low || x > high {
                switch padding {
                case .zeros: break
                case .border: x = min(max(x, 0), length - 1)
                case .reflection: x = reflected(x, low, high)
                }
            }
            let below = x.rounded(.down)
            let t = Double(x - below)
            switch mode {
            case .nearest: return tap(x, 1, extent, low, high)
            case .linear:
                return tap(below, 1 - t, extent, low, high) + tap(below + 1, t, extent, low, high)
            case .cubic:
                return (0..<4).flatMap { place in
                    let weight = Interpolation().cubicWeight(abs(t - Double(place - 1)))
                    return tap(below + Float(place - 1), weight, extent, low, high)
                }
            }
        }

        /// The element at an integer position, with its weight; none if it is outside and counts as 0.
        private func tap(_ place: Float, _ weight: Double, _ extent: Int, _ low: Float, _ high: Float)
            -> [Interpolation.Tap]
        {
            if place >= 0, place <= Float(extent - 1) { return [(Double(place).truncatedToInt, weight)] }
            let inside = padding == .reflection ? reflected(place, low, high) : place
            guard padding != .zeros else { return [] }
            return [(min(max(Double(inside).truncatedToInt, 0), extent - 1), weight)]
        }

        /// `x`, mirrored at `low` and `high` until it lies between them.
        private func reflected(_ x: Float, _ low: Float, _ high: Float) -> Float {
            let range = high - low
            guard range > 0, x.isFinite, x < low || x > high else {
                return x.isFinite ? min(max(x, low), high) : low
            }
            let distance = x < low ? low - x : x - high
            let rest = distance.truncatingRemainder(dividingBy: range)
            let isEven = (distance / range).rounded(.towardZero).truncatingRemainder(dividingBy: 2) == 0
            return (x < low) == isEven ? low + rest : high - rest
        }
    }
}
