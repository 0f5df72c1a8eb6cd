import GraphIR

/// `ConvInteger`: the convolution of 8-bit integers minus their zero points (ONNX ConvInteger-10).
///
/// x [N, C, D1...Dn], w [M, C/group, k1...kn], optional zero points of x (one) and of w (one, or [M]) ->
/// int32 [N, M, O1...On]. Padding holds x's zero point. Window and groups are those of `Conv`.
///
/// MACs: those of `Conv`.
public struct ConvInteger: QuantizedOperator {
    public let name = "ConvInteger"
    public let versions = [10]

    /// The weights.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { position == 1 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 2...4, .optional("auto_pad", .string), .optional("dilations", .ints),
            .optional("group", .int), .optional("kernel_shape", .ints), .optional("pads", .ints),
            .optional("strides", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [TensorType(.int32, try Conv.outputShape(context.taking(0, 1)))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { Conv().cost(context.taking(0, 1)) }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let (x, w) = (try context.required(inputs, 0), try context.required(inputs, 1))
        func zeroPoint(_ position: Int) -> Tensor? { inputs.count > position ? inputs[position] : nil }
        let sums = try Conv.sums(
            context.taking(0, 1),
            try Tensor(shape: x.shape, try context.centred(x, zeroPoint: zeroPoint(2), axis: 0)),
            try Tensor(shape: w.shape, try context.centred(w, zeroPoint: zeroPoint(3), axis: 0)))
        let integers = try sums.elements(of: Double.self).map(\.truncatedToInt)
        return [try context.tensor(.int32, sums.shape, integers: integers)]
    }
}
