import GraphIR

/// `Resize`: the input interpolated to other extents (ONNX Resize-10, 11, 13, 18, 19).
///
/// X of rank r and either scales [r] (output extent = floor(extent * scale)) or sizes [r]; for the axes of
/// attribute `axes` only from opset 18 on. Modes nearest, linear and cubic with every coordinate
/// transformation; antialiasing is not supported. Opset 10 knows scales only, as input 1.
public struct Resize: Operator {
    public let name = "Resize"
    public let versions = [10, 11, 13, 18, 19]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case 10: OperatorSchema(inputs: 2...2, .optional("mode", .string))
        case ..<18:
            OperatorSchema(
                inputs: opset < 13 ? 3...4 : 1...4, .optional("coordinate_transformation_mode", .string),
                .optional("cubic_coeff_a", .float), .optional("exclude_outside", .int),
                .optional("extrapolation_value", .float), .optional("mode", .string),
                .optional("nearest_mode", .string))
        default:
            OperatorSchema(
                inputs: 1...4, .optional("antialias", .int), .optional("axes", .ints),
                .optional("coordinate_transformation_mode", .string), .optional("cubic_coeff_a", .float),
                .optional("exclude_outside", .int), .optional("extrapolation_value", .float),
                .optional("keep_aspect_ratio_policy", .string), .optional("mode", .string),
                .optional("nearest_mode", .string))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        guard let factors = try factors(context, rank: shape.rank) else {
            return [TensorType(x.elementType, Shape([Dim](repeating: .unknown, count: shape.rank)))]
        }
        var result = shape
        for (axis, factor) in zip(factors.axes, factors.list) {
            if let extent = shape[axis].value {
                result[axis] = .fixed(try output(context, extent, factor))
            } else {
                switch factor {
                case .scale(1): break
                case .size(let size): result[axis] = .fixed(size)
                case .scale: result[axis] = .unknown
                }
            }
        }
        return [TensorType(x.elementType, try keepingRatio(context, shape, result, factors.axes))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let interpolation = try interpolation(context)
        guard let factors = try factors(context, rank: x.rank),
            let shape = try inferTypes(context).first??.shape?.extents
        else { throw context.error(.contents, "scales or sizes must be constant numbers") }
        guard try context.checkedCount(shape) > 0, x.elementCount > 0 else {
            throw context.error(.shape, "\(x.type) cannot be resized to \(Shape(shape))")
        }
        let region = inputs.count > 1 ? try inputs[1]?.reals(context) ?? [] : []
        var axes = zip(x.shape, shape).map {
            Interpolation.Axis(
                input: $0, output: $1, scale: Double($1) / Double($0), length: Double($1))
        }
        for (position, axis) in factors.axes.enumerated() {
            let (input, output) = (x.shape[axis], shape[axis])
            if case .scale(let scale) = factors.list[position] {
                axes[axis] = Interpolation.Axis(
                    input: input, output: output, scale: Double(scale),
                    length: Double(input) * Double(scale))
            }
            if context.opset >= 11, region.count == 2 * factors.axes.count {
                axes[axis].region = (region[position], region[factors.axes.count + position])
            }
        }
        let values = interpolation.resize(try x.reals(context), axes)
        return [try context.tensor(x.elementType, shape, reals: values)]
    }

    /// What one axis is resized to.
    private enum Factor: Equatable {
        case scale(Float)
        case size(Int)
    }

    /// The axes that are resized, and to what; nil if that is not known.
    private func factors(_ context: OperatorContext, rank: Int)
        throws(OperatorError) -> (axes: [Int], list: [Factor])?
    {
        var axes = Array(0..<rank)
        if let listed = try context.ints("axes") {
            _ = try context.axes(listed, rank: rank)
            axes = listed.map { $0 < 0 ? $0 + rank : $0 }
        }
        let position = context.opset == 10 ? 1 : 2
        var list: [Factor]?
        if context.hasInput(3), context.constant(3)?.elementCount != 0 {
            list = context.fixedExtents(input: 3).map { $0.map(Factor.size) }
        } else if let scales = context.constant(position)?.floats {
            list = scales.map(Factor.scale)
        }
        guard let list else { return nil }
        guard list.count == axes.count else {
            throw context.error(.contents, "\(list.count) scales or sizes do not fit \(axes.count) axes")
        }
        for case .size(let size) in list where size < 0 {
            throw context.error(.contents, "a size of \(size) is not possible")
        }
        return (axes, list)
    }

    private func output(_ context: OperatorContext, _ extent: Int, _ factor: Factor)
        throws(OperatorError) -> Int
    {
        switch factor {
        case .size(let size): return size
        case .scale(let scale): return try context.scaledExtent(extent, by: scale)
        }
    }

    /// `keep_aspect_ratio_policy`: the sizes that give one scale to all axes.
    private func keepingRatio(
        _ context: OperatorContext, _ shape: Shape, _ wanted: Shape, _ axes: [Int]
    ) throws(OperatorError) -> Shape {
        let policy = try context.string("keep_aspect_ratio_policy") ?? "stretch"
        guard policy != "stretch", context.hasInput(3) else { return wanted }
        guard policy == "not_larger" || policy == "not_smaller" else {
            throw context.error(.attribute, "keep_aspect_ratio_policy \"\(policy)\" is unknown")
        }
        var scales: [Double] = []
        for axis in axes {
            if let old = shape[axis].value, let new = wanted[axis].value, old > 0 {
                scales.append(Double(new) / Double(old))
            }
        }
        var result = wanted
        let scale = policy == "not_larger" ? scales.min() : scales.max()
        for axis in axes {
            guard scales.count == axes.count, let scale, let old = shape[axis].value else {
                result[axis] = .unknown
                continue
            }
            result[axis] = .fixed((scale * Double(old)).rounded().truncatedToInt)
        }
        return result
    }

    private func interpolation(_ context: OperatorContext) throws(OperatorError) -> Interpolation {
        guard try context.int("antialias", default: 0) == 0 else {
            throw context.error(.unsupported, "antialiasing is not supported")
        }
        var result = Interpolation()
        result.mode = try context.choice("mode", default: .nearest)
        guard context.opset > 10 else { return result }
        result.coordinates = try context.choice("coordinate_transformation_mode", default: .halfPixel)
        result.rounding = try context.choice("nearest_mode", default: .preferFloor)
        result.cubicCoefficient = Double(try context.float("cubic_coeff_a", default: -0.75))
        result.excludesOutside = try context.int("exclude_outside", default: 0) != 0
        result.extrapolation = Double(try context.float("extrapolation_value", default: 0))
        return result
    }
}

extension OperatorContext {
    /// A string attribute that is one of an enumeration's names.
    ///
    /// - Throws: `OperatorError.attribute` if it is none of them.
    func choice<Choice: RawRepresentable<String>>(_ name: String, default value: Choice)
        throws(OperatorError) -> Choice
    {
        guard let text = try string(name) else { return value }
        guard let choice = Choice(rawValue: text) else {
            throw error(.attribute, "\(name) \"\(text)\" is unknown")
        }
        return choice
    }

    /// floor(extent * scale), in single precision as other runtimes compute it.
    ///
    /// - Throws: `OperatorError.contents` if the scale is not a positive number or the result is too large.
    func scaledExtent(_ extent: Int, by scale: Float) throws(OperatorError) -> Int {
        let product = (Float(extent) * scale).rounded(.down)
        guard scale > 0, product <= Float(OperatorContext.maximumElements) else {
            throw error(.contents, "a scale of \(scale) for \(extent) elements is not possible")
        }
        return Int(product)
    }
}
