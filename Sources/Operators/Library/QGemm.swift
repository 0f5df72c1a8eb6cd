import GraphIR

/// `QGemm`: the product of quantised matrices (com.microsoft QGemm-1).
///
/// A, its scale and zero point, B, its scale and zero point (one, or one for each column), optional int32 C in steps of
/// alpha * a_scale * b_scale, optional scale and zero point of Y ->
/// Y = saturate(round((A' B' + C) * alpha * a_scale * b_scale / y_scale) + y_zero_point), or without y_scale the float
/// (A' B' + C) * alpha * a_scale * b_scale. Shapes and transpositions are those of `Gemm`.
///
/// MACs: those of `Gemm`.
public struct QGemm: QuantizedOperator {
    public let name = "QGemm"
    public let domain = "com.microsoft"
    public let versions = [1]

    /// Weights and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool {
        position == 0 || position == 3 || position == 6
    }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 6...9, .optional("alpha", .float), .optional("transA", .flag), .optional("transB", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        let type: ElementType? = context.hasInput(7) ? context.inputType(8)?.elementType : .float32
        let product = try Gemm().inferTypes(onNumbers(context)).first
        return [type.flatMap { type in product?.map { TensorType(type, $0.shape) } }]
    }

    public func cost(_ context: OperatorContext) -> Cost? { Gemm().cost(context.taking(0, 3)) }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        func input(_ position: Int) throws -> Tensor { try context.required(inputs, position) }
        let (a, b) = (try input(0), try input(3))
        let columnAxis = try context.flag("transB", default: false) ? 0 : 1
        let operands: [Tensor?] = [
            try Tensor(shape: a.shape, try context.centred(a, zeroPoint: try input(2), axis: 0)),
            try Tensor(shape: b.shape, try context.centred(b, zeroPoint: try input(5), axis: columnAxis)),
            try (inputs.count > 6 ? inputs[6] : nil).map { c in
                try Tensor(shape: c.shape, try c.wholeNumbers(context).map(Double.init))
            },
        ]
        let sums = try Gemm().evaluate(onNumbers(context), operands)[0]
        let alpha = try context.float("alpha", default: 1)
        guard let aScale = try context.scales(try input(1)).first else {
            throw context.error(.shape, "the scale of A must be one number")
        }
        let bScales = try context.scales(try input(4))
        let products = bScales.map { alpha * aScale * $0 }
        let elements = try sums.elements(of: Double.self)
        guard inputs.count > 7, let scale = inputs[7], let yScale = try context.scales(scale).first else {
            let factors = try context.spread(products, of: try input(4), over: sums.shape, axis: 1)
            return [try Tensor(shape: sums.shape, zip(elements, factors).map { Float($0) * $1 })]
        }
        let multipliers = try context.spread(
            products.map { $0 / yScale }, of: try input(4), over: sums.shape, axis: 1)
        return [
            try context.requantized(elements, sums.shape, multipliers: multipliers, zeroPoint: try input(8))
        ]
    }

    /// The product of the numbers themselves: no factor, whatever the attributes say.
    private func onNumbers(_ context: OperatorContext) -> OperatorContext {
        let isBiased = context.hasInput(6)
        func number(_ position: Int) -> TensorType? {
            context.inputType(position).map { TensorType(.float64, $0.shape) }
        }
        var attributes = context.attributes
        attributes["alpha"] = nil
        return OperatorContext(
            label: context.label, attributes: attributes, opset: 13,
            inputTypes: [number(0), number(3), number(6)], isPresent: [true, true, isBiased],
            constants: [nil, nil, nil], extents: [nil, nil, nil], outputCount: 1)
    }
}
