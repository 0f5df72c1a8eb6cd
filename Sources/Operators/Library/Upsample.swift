import GraphIR

/// `Upsample`: the input enlarged by a factor for each axis (ONNX Upsample-7, 9; replaced by Resize in 10).
///
/// X of rank r, scales [r] (attribute before opset 9, input 1 from then on) -> floor(extent * scale). Modes
/// nearest and linear; output position x reads input position x / scale.
public struct Upsample: Operator {
    public let name = "Upsample"
    public let versions = [7, 9]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 9
            ? OperatorSchema(inputs: 1...1, .optional("mode", .string), .required("scales", .floats))
            : OperatorSchema(inputs: 2...2, .optional("mode", .string))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        guard let scales = try scales(context, rank: shape.rank) else {
            return [TensorType(x.elementType, Shape([Dim](repeating: .unknown, count: shape.rank)))]
        }
        var result = shape
        for (axis, scale) in scales.enumerated() where scale != 1 {
            result[axis] = .unknown
            if let extent = shape[axis].value {
                result[axis] = .fixed(try context.scaledExtent(extent, by: scale))
            }
        }
        return [TensorType(x.elementType, result)]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard let scales = try scales(context, rank: x.rank),
            let shape = try inferTypes(context).first??.shape?.extents
        else { throw context.error(.contents, "scales must be numbers") }
        guard try context.checkedCount(shape) > 0, x.elementCount > 0 else {
            throw context.error(.shape, "\(x.type) cannot be enlarged to \(Shape(shape))")
        }
        var interpolation = Interpolation()
        interpolation.mode = try context.choice("mode", default: .nearest)
        let axes = shape.indices.map {
            Interpolation.Axis(
                input: x.shape[$0], output: shape[$0], scale: scales[$0],
                length: Float(x.shape[$0]) * scales[$0])
        }
        let values = interpolation.resize(try x.reals(context), axes)
        return [try context.tensor(x.elementType, shape, reals: values)]
    }

    private func scales(_ context: OperatorContext, rank: Int) throws(OperatorError) -> [Float]? {
        var scales: [Float]?
        if context.opset < 9 {
            guard case .floats(let list) = context.attributes["scales"] else {
                throw context.error(.attribute, "attribute \"scales\" must be a list of numbers")
            }
            scales = list
        } else {
            scales = context.constant(1)?.floats
        }
        guard let scales else { return nil }
        guard scales.count == rank else {
            throw context.error(.contents, "\(scales.count) scales do not fit \(rank) axes")
        }
        return scales
    }
}
