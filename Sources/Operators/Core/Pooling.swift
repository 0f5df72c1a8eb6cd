import GraphIR

/// An operator that slides a window over the spatial axes of each channel separately.
///
/// X [N, C, D1...Dn] -> Y [N, C, O1...On]; strides, dilations, explicit or automatic padding, `ceil_mode`.
/// Automatic padding replaces explicit padding, which must still be smaller than the window.
public protocol Pooling: Operator {}

/// The geometry of a pooling, from its shapes and attributes.
struct PoolingGeometry {
    let window: Window
    /// The extents of the input and of the output, batch and channels included.
    let input: [Int]
    let output: [Int]

    /// One position of the window.
    struct Position {
        /// Offsets in the input plane of the window elements inside the input, ascending.
        var taps: [Int] = []
        /// The number of window elements inside the input or its padding.
        var paddedCount = 0
    }

    var planes: Int { input[0] * input[1] }
    var plane: Int { input[2...].reduce(1, *) }
    var positions: Int { output[2...].reduce(1, *) }

    /// Calls `body` with each position of the window over a plane, in row-major order.
    func forEachPosition(_ body: (Int, Position) throws -> Void) rethrows {
        let spatial = window.kernel.count
        let steps = rowMajorStrides(of: Array(input[2...]))
        var index = [Int](repeating: 0, count: spatial)
        for position in 0..<positions {
            var rest = position
            for axis in (0..<spatial).reversed() {
                index[axis] = rest % output[2 + axis]
                rest /= output[2 + axis]
            }
            var found = Position(taps: [0], paddedCount: 1)
            for axis in 0..<spatial {
                let (inside, padded) = places(axis, index[axis])
                found.paddedCount *= padded
                found.taps = found.taps.flatMap { tap in inside.map { tap + $0 * steps[axis] } }
            }
            try body(position, found)
        }
    }

    /// One window position along an axis: the input positions that it covers, and the number of its elements
    /// inside the input or its padding.
    private func places(_ axis: Int, _ index: Int) -> (inside: [Int], padded: Int) {
        let start = index * window.strides[axis] - window.padBegin[axis]
        let extent = input[2 + axis]
        var inside: [Int] = []
        var padded = 0
        for tap in 0..<window.kernel[axis] {
            let place = start + tap * window.dilations[axis]
            guard place < extent + window.padEnd[axis] else { break }
            padded += 1
            if place >= 0, place < extent { inside.append(place) }
        }
        return (inside, padded)
    }
}

extension Pooling {
    /// Infers the output's shape; nil if the input's rank is unknown.
    func outputShape(_ context: OperatorContext) throws(OperatorError) -> Shape? {
        guard let shape = context.shape(0) else { return nil }
        return try window(context, shape).output
    }

    /// One operation per window element and output element.
    public func cost(_ context: OperatorContext) -> Cost? {
        guard let output = context.outputTypes.first??.shape?.elementCount,
            case .ints(let kernel) = context.attributes["kernel_shape"],
            let count = Shape.elementCount(of: [output] + kernel.map(Int.init))
        else { return nil }
        return Cost(elementaryOperations: count)
    }

    func geometry(_ context: OperatorContext, _ x: Tensor) throws(OperatorError) -> PoolingGeometry {
        let (window, output) = try window(context, Shape(x.shape))
        guard let window, let extents = output.extents else {
            throw context.error(.shape, "the output shape is not known")
        }
        try context.checkedCount(extents)
        return PoolingGeometry(window: window, input: x.shape, output: extents)
    }

    private func window(_ context: OperatorContext, _ x: Shape)
        throws(OperatorError) -> (window: Window?, output: Shape)
    {
        guard let kernel = try context.ints("kernel_shape") else {
            throw context.error(.attribute, "attribute \"kernel_shape\" is missing")
        }
        guard x.rank >= 3, kernel.count == x.rank - 2 else {
            throw context.error(.shape, "a kernel of \(kernel) does not fit input \(x)")
        }
        if let pads = try context.ints("pads"),
            zip(pads, kernel + kernel).contains(where: { $0 >= $1 })
        {
            throw context.error(.attribute, "pads \(pads) must be smaller than the kernel \(kernel)")
        }
        let spatial = x.dims[2...].map(\.value)
        var dims = Array(x.dims[..<2])
        guard let window = try Window(context, kernel: kernel, input: spatial) else {
            return (nil, Shape(dims + [Dim](repeating: .unknown, count: kernel.count)))
        }
        let ceiling = try context.flag("ceil_mode", default: false)
        for (axis, extent) in spatial.enumerated() {
            guard let extent else {
                dims.append(.unknown)
                continue
            }
            guard let count = window.outputExtent(axis, extent: extent, ceiling: ceiling) else {
                throw context.error(.shape, "kernel \(kernel) does not fit input \(x)")
            }
            dims.append(.fixed(count))
        }
        return (window, Shape(dims))
    }
}
