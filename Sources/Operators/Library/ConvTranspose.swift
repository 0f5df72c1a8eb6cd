import GraphIR

/// `ConvTranspose`: the transpose of a convolution, which scatters each input element over its window
/// (ONNX ConvTranspose-1, 11, 22).
///
/// X [N, C, D1...Dn], W [C, M/group, k1...kn], optional B [M] -> Y [N, M, O1...On] with O = stride * (D - 1)
/// + output_padding + dilation * (k - 1) + 1 - pads, or O = `output_shape`, from which the padding then
/// follows.
///
/// MACs: N * C * D1...Dn * M/group * k1...kn.
public struct ConvTranspose: Operator {
    public let name = "ConvTranspose"
    public let versions = [1, 11, 22]

    /// Weight and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { (1...2).contains(position) }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 2...3, .optional("auto_pad", .string), .optional("dilations", .ints),
            .optional("group", .int), .optional("kernel_shape", .ints), .optional("output_padding", .ints),
            .optional("output_shape", .ints), .optional("pads", .ints), .optional("strides", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try context.requireOneElementType(of: 0, 1, 2)
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape, let weights = context.shape(1) else {
            return [TensorType(x.elementType, nil)]
        }
        let groups = try groups(context, shape, weights)
        var dims = [shape[0], weights[1].times(.fixed(groups))]
        if let kernel = Shape(Array(weights.dims.dropFirst(2))).extents {
            let axes = try axes(context, kernel: kernel, input: shape.dims[2...].map(\.value))
            dims += axes.map { $0.map { .fixed($0.output) } ?? .unknown }
        } else {
            dims += [Dim](repeating: .unknown, count: shape.rank - 2)
        }
        return [TensorType(x.elementType, Shape(dims))]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let input = context.shape(0)?.elementCount,
            let taps = context.shape(1)?.extents?.dropFirst(), let count = Shape.elementCount(of: Array(taps))
        else { return nil }
        return .macs(input, count)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let w = try context.required(inputs, 1)
        let groups = try groups(context, Shape(x.shape), Shape(w.shape))
        let kernel = Array(w.shape[2...])
        let axes = try axes(context, kernel: kernel, input: x.shape[2...].map { $0 }).compactMap { $0 }
        let (channels, perGroup) = (x.shape[1], w.shape[1])
        let shape = [x.shape[0], perGroup * groups] + axes.map(\.output)
        let count = try context.checkedCount(shape)
        guard x.elementCount > 0, w.elementCount > 0, count > 0 else {
            throw context.error(.shape, "input \(x.type) or weights \(w.type) are empty")
        }
        let (values, weights) = (try x.reals(context), try w.reals(context))
        let plane = x.shape[2...].reduce(1, *)
        let outputPlane = shape[2...].reduce(1, *)
        let taps = kernel.reduce(1, *)
        var y = [Double](repeating: 0, count: count)
        for tap in 0..<taps {
            let routes = routes(tap, kernel, axes)
            for sample in 0..<x.shape[0] {
                for channel in 0..<channels {
                    let source = (sample * channels + channel) * plane
                    let group = channel / (channels / groups)
                    for filter in 0..<perGroup {
                        let weight = weights[(channel * perGroup + filter) * taps + tap]
                        let target = (sample * shape[1] + group * perGroup + filter) * outputPlane
                        for (from, to) in routes { y[target + to] += weight * values[source + from] }
                    }
                }
            }
        }
        if inputs.count > 2, let bias = try inputs[2]?.reals(context) {
            guard bias.count == shape[1] else {
                throw context.error(.shape, "a bias of \(bias.count) does not fit \(shape[1]) filters")
            }
            for index in y.indices { y[index] += bias[index / outputPlane % shape[1]] }
        }
        return [try context.tensor(x.elementType, shape, reals: y)]
    }

    /// The layout of one spatial axis.
    private struct Axis {
        let input: Int
        let output: Int
        let stride: Int
        let dilation: Int
        let padBegin: Int
    }

    /// The pairs of input and output elements that one tap connects, within a plane.
    private func routes(_ tap: Int, _ kernel: [Int], _ axes: [Axis]) -> [(from: Int, to: Int)] {
        var result = [(from: 0, to: 0)]
        var place = tap
        var (scale, outputScale) = (1, 1)
        for (extent, axis) in zip(kernel, axes).reversed() {
            let offset = place % extent * axis.dilation - axis.padBegin
            place /= extent
            let pairs = (0..<axis.input).compactMap { position -> (Int, Int)? in
                let target = position * axis.stride + offset
                return target >= 0 && target < axis.output ? (position, target) : nil
            }
            result = pairs.flatMap { from, to in
                result.map { ($0.from + from * scale, $0.to + to * outputScale) }
            }
            scale *= axis.input
            outputScale *= axis.output
        }
        return result
    }

    private func groups(_ context: OperatorContext, _ x: Shape, _ w: Shape) throws(OperatorError) -> Int {
        let groups = try context.int("group", default: 1)
        guard x.rank >= 3, x.rank == w.rank else {
            throw context.error(.shape, "input \(x) and weights \(w) must have one rank of at least 3")
        }
        guard groups >= 1, groups <= Int(Int32.max), (x[1].value ?? groups) % groups == 0,
            x[1].merged(with: w[0]) != nil
        else { throw context.error(.shape, "input \(x) and weights \(w) do not fit in \(groups) groups") }
        return groups
    }

    /// The layout of each spatial axis; nil where the input's extent is unknown.
    private func axes(_ context: OperatorContext, kernel: [Int], input: [Int?])
        throws(OperatorError) -> [Axis?]
    {
        if let declared = try context.ints("kernel_shape"), declared != kernel {
            throw context.error(.shape, "kernel_shape \(declared) contradicts the weights' \(kernel)")
        }
        try Window.requireOnePadding(context)
        // Automatic padding works in the opposite direction here, so the window's own is not used.
        let extents = input.map { $0 ?? 0 }
        guard let window = try Window(context, kernel: kernel, input: extents) else {
            throw context.error(.shape, "the padding is not known")
        }
        let rank = kernel.count
        let extra = try context.ints("output_padding") ?? [Int](repeating: 0, count: rank)
        let wanted = try context.ints("output_shape").map { Array($0.suffix(rank)) }
        guard extra.count == rank, extra.allSatisfy({ $0 >= 0 && $0 <= Window.limit }),
            wanted?.count ?? rank == rank, wanted?.allSatisfy({ $0 >= 1 && $0 <= Window.extentLimit }) ?? true
        else { throw context.error(.attribute, "output_padding or output_shape is not possible") }
        let mode = try context.string("auto_pad") ?? "NOTSET"
        var result: [Axis?] = []
        for axis in 0..<rank {
            guard let extent = input[axis] else {
                result.append(nil)
                continue
            }
            let (stride, dilation) = (window.strides[axis], window.dilations[axis])
            let (span, overflow) = stride.multipliedReportingOverflow(by: extent - 1)
            guard extent >= 1, !overflow, span <= Window.extentLimit << 8 else {
                throw context.error(.shape, "spatial extents of \(input) are not possible")
            }
            let full = span + extra[axis] + window.reach(axis)
            var (begin, output) = (window.padBegin[axis], 0)
            if let target = wanted?[axis] ?? (mode.hasPrefix("SAME") ? extent * stride : nil) {
                let total = max(0, full - target)
                begin = mode == "SAME_UPPER" ? total / 2 : total - total / 2
                output = target
            } else {
                output = full - begin - window.padEnd[axis]
            }
            guard output >= 1 else { throw context.error(.shape, "nothing is left of input \(input)") }
            result.append(
                Axis(input: extent, output: output, stride: stride, dilation: dilation, padBegin: begin))
        }
        return result
    }
}
