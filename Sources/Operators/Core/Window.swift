import GraphIR

/// The geometry of a sliding window over spatial axes, for convolutions and pooling.
public struct Window: Sendable, Equatable {
    /// The number of elements of the window along each spatial axis.
    public var kernel: [Int]
    /// The step from one position of the window to the next, in elements.
    public var strides: [Int]
    /// The step from one tap of the window to the next, in elements.
    public var dilations: [Int]
    /// Elements of padding before each spatial axis.
    public var padBegin: [Int]
    /// Elements of padding after each spatial axis.
    public var padEnd: [Int]

    /// A window; all lists have one entry for each spatial axis.
    public init(
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], padEnd: [Int]
    ) {
        self.kernel = kernel
        self.strides = strides
        self.dilations = dilations
        self.padBegin = padBegin
        self.padEnd = padEnd
    }

    /// The window that a node's attributes describe, over spatial extents `input`.
    ///
    /// `auto_pad` is resolved: SAME_UPPER and SAME_LOWER give ceil(input / stride) outputs, the odd element
    /// of padding going after or before.
    ///
    /// - Parameter input: the spatial extents; nil where unknown (SAME padding then cannot be resolved).
    /// - Returns: nil if the padding depends on an unknown extent.
    /// - Throws: `OperatorError.attribute` for impossible values (zero strides, negative padding, wrong
    ///   numbers of values).
    public init?(
        _ context: OperatorContext, kernel: [Int], input: [Int?]
    ) throws(OperatorError) {
        let rank = kernel.count
        func list(_ name: String, _ fallback: Int, _ count: Int, minimum: Int)
            throws(OperatorError) -> [Int]
        {
            let values = try context.ints(name) ?? [Int](repeating: fallback, count: count)
            guard values.count == count, values.allSatisfy({ $0 >= minimum && $0 <= Window.limit }) else {
                throw context.error(.attribute, "attribute \"\(name)\" is \(values), which is not possible")
            }
            return values
        }
        guard kernel.allSatisfy({ $0 >= 1 && $0 <= Window.limit }) else {
            throw context.error(.attribute, "a kernel of \(kernel) is not possible")
        }
        guard input.allSatisfy({ $0 ?? 0 <= Window.extentLimit }) else {
            throw context.error(.shape, "spatial extents of \(input) are not possible")
        }
        self.kernel = kernel
        strides = try list("strides", 1, rank, minimum: 1)
        dilations = try list("dilations", 1, rank, minimum: 1)
        let pads = try list("pads", 0, 2 * rank, minimum: 0)
        padBegin = Array(pads[..<rank])
        padEnd = Array(pads[rank...])

        let mode = try context.string("auto_pad") ?? "NOTSET"
        switch mode {
        case "NOTSET", "": break
        case "VALID":
            padBegin = [Int](repeating: 0, count: rank)
            padEnd = padBegin
        case "SAME_UPPER", "SAME_LOWER":
            for axis in 0..<rank {
                guard axis < input.count, let extent = input[axis] else { return nil }
                let outputs = (extent + strides[axis] - 1) / strides[axis]
                let needed = (outputs - 1) * strides[axis] + reach(axis) - extent
                let total = max(0, needed)
                padBegin[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
                padEnd[axis] = total - padBegin[axis]
            }
        default: throw context.error(.attribute, "auto_pad \"\(mode)\" is unknown")
        }
    }

    /// Checks that a convolution has either `auto_pad` or `pads`; explicit zeros, the default, do not count.
    ///
    /// - Throws: `OperatorError.attribute` if it has both.
    static func requireOnePadding(_ context: OperatorContext) throws(OperatorError) {
        let mode = try context.string("auto_pad") ?? "NOTSET"
        guard mode != "NOTSET", mode != "", let pads = try context.ints("pads"),
            pads.contains(where: { $0 != 0 })
        else { return }
        throw context.error(.attribute, "pads \(pads) and auto_pad \(mode) exclude each other")
    }

    /// The extent that the dilated kernel covers.
    public func reach(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }

    /// The number of window positions along an axis of `extent` elements. With `ceiling`, a last window that
    /// starts inside the input or its leading padding counts even if it extends beyond the end (ONNX's
    /// `ceil_mode`).
    ///
    /// - Returns: nil if not even one window fits.
    public func outputExtent(_ axis: Int, extent: Int, ceiling: Bool = false) -> Int? {
        let (padded, overflow) = extent.addingReportingOverflow(padBegin[axis] + padEnd[axis])
        guard !overflow, padded >= reach(axis) else { return nil }
        let room = padded - reach(axis)
        let stride = strides[axis]
        guard ceiling else { return room / stride + 1 }
        let count = (room + stride - 1) / stride + 1
        return (count - 1) * stride >= extent + padBegin[axis] ? count - 1 : count
    }

    /// Larger kernels, strides, dilations and paddings are treated as corrupt data.
    public static let limit = 1 << 24

    /// Larger spatial extents are treated as corrupt data.
    static let extentLimit = 1 << 48
}
