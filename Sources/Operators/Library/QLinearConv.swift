import GraphIR

/// `QLinearConv`: the convolution of quantised numbers, with a quantised result (ONNX QLinearConv-10).
///
/// x [N, C, D1...Dn], x_scale, x_zero_point, w [M, C/group, k1...kn], w_scale, w_zero_point (both one, or
/// [M]), y_scale, y_zero_point, optional int32 bias B [M] in steps of x_scale * w_scale -> y [N, M, O1...On]
/// of y's zero point's type. Padding holds x's zero point. Window and groups are those of `Conv`.
///
/// MACs: those of `Conv`.
public struct QLinearConv: QuantizedOperator {
    public let name = "QLinearConv"
    public let versions = [10]

    /// Weights and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { position == 3 || position == 8 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 8...9, .optional("auto_pad", .string), .optional("dilations", .ints),
            .optional("group", .int), .optional("kernel_shape", .ints), .optional("pads", .ints),
            .optional("strides", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        let shape = try Conv.outputShape(context.taking(0, 3, 8))
        return [context.inputType(7).map { TensorType($0.elementType, shape) }]
    }

    public func cost(_ context: OperatorContext) -> Cost? { Conv().cost(context.taking(0, 3, 8)) }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        func input(_ position: Int) throws -> Tensor { try context.required(inputs, position) }
        let (x, w) = (try input(0), try input(3))
        let bias = try (inputs.count > 8 ? inputs[8] : nil).map { bias in
            try Tensor(shape: bias.shape, try bias.wholeNumbers(context).map(Double.init))
        }
        let sums = try Conv.sums(
            context.taking(0, 3, 8),
            try Tensor(shape: x.shape, try context.centred(x, zeroPoint: try input(2), axis: 0)),
            try Tensor(shape: w.shape, try context.centred(w, zeroPoint: try input(5), axis: 0)), bias)
        guard let xScale = try context.scales(try input(1)).first,
            let yScale = try context.scales(try input(6)).first
        else { throw context.error(.shape, "the scales of x and y must be one number each") }
        let multipliers = try context.scales(try input(4)).map { xScale * $0 / yScale }
        return [
            try context.requantized(
                try sums.elements(of: Double.self), sums.shape,
                multipliers: try context.spread(multipliers, of: try input(4), over: sums.shape, axis: 1),
                zeroPoint: try input(7))
        ]
    }
}
