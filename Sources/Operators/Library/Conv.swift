import GraphIR

/// `Conv`: convolution (ONNX Conv-1, 11, 22).
///
/// X [N, C, D1...Dn], W [M, C/group, k1...kn], optional B [M] -> Y [N, M, O1...On]. Any number of spatial
/// axes, strides, dilations, groups, explicit or automatic padding.
///
/// MACs: N * M * O1...On * C/group * k1...kn.
public struct Conv: Operator {
    public let name = "Conv"
    public let versions = [1, 11, 22]

    /// Weight and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { (1...2).contains(position) }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 2...3, .optional("auto_pad", .string), .optional("dilations", .ints),
            .optional("group", .int), .optional("kernel_shape", .ints), .optional("pads", .ints),
            .optional("strides", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try context.requireOneElementType(of: 0, 1, 2)
        guard let type = context.inputType(0)?.elementType else { return [nil] }
        return [TensorType(type, try Conv.outputShape(context))]
    }

    /// The shape of the output; nil if the rank of the input or of the weights is unknown.
    static func outputShape(_ context: OperatorContext) throws(OperatorError) -> Shape? {
        guard let shape = context.shape(0), let weights = context.shape(1) else { return nil }
        guard let geometry = try geometry(context, shape, weights) else {
            let unknown = [Dim](repeating: .unknown, count: max(0, shape.rank - 2))
            return Shape([shape[0], weights[0]] + unknown)
        }
        return Shape([shape[0], weights[0]] + geometry.output)
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let output = context.outputTypes.first??.shape?.elementCount,
            let kernel = context.shape(1)?.extents?.dropFirst(),
            let taps = Shape.elementCount(of: Array(kernel))
        else { return nil }
        return .macs(output, taps)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let bias = inputs.count > 2 ? inputs[2] : nil
        let (x, w) = (try context.required(inputs, 0), try context.required(inputs, 1))
        return [try Conv.sums(context, x, w, bias)]
    }

    /// The convolution of floating-point tensors with the node's attributes.
    static func sums(_ context: OperatorContext, _ x: Tensor, _ w: Tensor, _ bias: Tensor? = nil) throws
        -> Tensor
    {
        guard let geometry = try geometry(context, Shape(x.shape), Shape(w.shape)),
            let output = Shape(geometry.output).extents
        else { throw context.error(.shape, "the shapes are not known") }
        return try ReferenceConvolution(
            input: x.shape, weights: w.shape, output: [x.shape[0], w.shape[0]] + output,
            window: geometry.window, groups: geometry.groups
        ).evaluate(context, x, w, bias)
    }

    /// The geometry of a convolution, from its shapes and attributes.
    public struct Geometry: Sendable {
        /// The filters' window.
        public let window: Window
        /// The groups of channels; at least 1.
        public let groups: Int
        /// The spatial extents of the output.
        public let output: [Dim]
    }

    /// - Returns: nil if the kernel's or a needed spatial extent is unknown.
    /// - Throws: `OperatorError` if the shapes contradict each other.
    public static func geometry(_ context: OperatorContext, _ x: Shape, _ w: Shape)
        throws(OperatorError) -> Geometry?
    {
        guard x.rank >= 3, x.rank == w.rank else {
            throw context.error(.shape, "input \(x) and weights \(w) must have one rank of at least 3")
        }
        try Window.requireOnePadding(context)
        let groups = try context.int("group", default: 1)
        guard groups >= 1, groups <= Int(Int32.max) else {
            throw context.error(.attribute, "group \(groups) is not possible")
        }
        if let channels = x[1].value, let perGroup = w[1].value, let filters = w[0].value {
            guard channels % groups == 0, channels / groups == perGroup, filters % groups == 0 else {
                throw context.error(
                    .shape, "\(channels) channels and weights \(w) do not fit in \(groups) groups")
            }
        }
        if let bias = context.shape(2), let filters = w[0].value {
            guard bias.rank == 1, bias[0].value ?? filters == filters else {
                throw context.error(.shape, "bias \(bias) does not fit \(filters) filters")
            }
        }
        guard let kernel = Shape(Array(w.dims.dropFirst(2))).extents else { return nil }
        if let declared = try context.ints("kernel_shape"), declared != kernel {
            throw context.error(.shape, "kernel_shape \(declared) contradicts weights \(w)")
        }
        let spatial = x.dims.dropFirst(2).map(\.value)
        guard let window = try Window(context, kernel: kernel, input: spatial) else { return nil }
        var output: [Dim] = []
        for (axis, extent) in spatial.enumerated() {
            guard let extent else {
                output.append(.unknown)
                continue
            }
            guard let count = window.outputExtent(axis, extent: extent) else {
                throw context.error(.shape, "kernel \(kernel) does not fit input \(x)")
            }
            output.append(.fixed(count))
        }
        return Geometry(window: window, groups: groups, output: output)
    }
}
