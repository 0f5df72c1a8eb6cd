import GraphIR

/// `Resize`: the input interpolated to other extents (ONNX Resize-10, 11, 13, 18, 19).
///
/// X of rank r and either scales [r] (output extent = floor(extent * scale)) or sizes [r]; from opset 18 on,
/// only for the axes of attribute `axes`, in their order. Modes nearest, linear and cubic with every
/// coordinate transformation; linear and cubic also antialiased. With `keep_aspect_ratio_policy` all axes
/// share the smallest or largest scale that the sizes require: the output extents are rounded to nearest, and
/// coordinates are mapped by the scale itself. Opset 10 has scales only, as input 1.
public struct Resize: Operator {
    public let name = "Resize"
    public let versions = [10, 11, 13, 18, 19]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case 10: OperatorSchema(inputs: 2...2, .optional("mode", .string))
        case ..<18:
            OperatorSchema(
                inputs: opset < 13 ? 3...4 : 1...4, .optional("coordinate_transformation_mode", .string),
                .optional("cubic_coeff_a", .float), .optional("exclude_outside", .flag),
                .optional("extrapolation_value", .float), .optional("mode", .string),
                .optional("nearest_mode", .string))
        default:
            OperatorSchema(
                inputs: 1...4, .optional("antialias", .flag), .optional("axes", .ints),
                .optional("coordinate_transformation_mode", .string), .optional("cubic_coeff_a", .float),
                .optional("exclude_outside", .flag), .optional("extrapolation_value", .float),
                .optional("keep_aspect_ratio_policy", .string), .optional("mode", .string),
                .optional("nearest_mode", .string))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        guard let factors = try factors(context, shape) else {
            return [TensorType(x.elementType, Shape([Dim](repeating: .unknown, count: shape.rank)))]
        }
        var result = shape
        for (axis, factor) in factors { result[axis] = try output(context, shape[axis], factor) }
        return [TensorType(x.elementType, result)]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let interpolation = try interpolation(context)
        guard let factors = try factors(context, Shape(x.shape)),
            let shape = try inferTypes(context).first??.shape?.extents
        else { throw context.error(.contents, "scales or sizes must be constant numbers") }
        if try context.checkedCount(shape) == 0 {
            return [try context.tensor(x.elementType, shape, reals: [])]
        }
        guard x.elementCount > 0 else {
            throw context.error(.shape, "\(x.type) cannot be resized to \(Shape(shape))")
        }
        let region = inputs.count > 1 ? try inputs[1]?.reals(context) ?? [] : []
        var axes = zip(x.shape, shape).map {
            Interpolation.Axis(input: $0, output: $1, scale: 1, length: Float($1))
        }
        for (position, (axis, factor)) in factors.enumerated() {
            let (input, output) = (x.shape[axis], shape[axis])
            let length =
                switch factor {
                case .scale(let scale): Float(input) * scale
                case .size, .commonScale: Float(output)
                }
            axes[axis] = Interpolation.Axis(
                input: input, output: output, scale: factor.scale(of: input), length: length)
            if context.opset >= 11, region.count == 2 * factors.count {
                axes[axis].region = (Float(region[position]), Float(region[factors.count + position]))
            }
        }
        for axis in axes where interpolation.width(axis) > Double(Window.limit) {
            throw context.error(.contents, "a scale of \(axis.scale) with antialias is not possible")
        }
        let values = interpolation.resize(try x.reals(context), axes)
        return [try context.tensor(x.elementType, shape, reals: values)]
    }

    /// The factor, or the target extent, of one axis.
    private enum Factor {
        case scale(Float)
        case size(Int)
        /// The scale that `keep_aspect_ratio_policy` gives to all axes; nil if it depends on unknown extents.
        case commonScale(Float?)

        /// Output elements for each of `extent` input elements.
        func scale(of extent: Int) -> Float {
            switch self {
            case .scale(let scale): scale
            case .size(let size): Float(size) / Float(extent)
            case .commonScale(let scale): scale ?? 1
            }
        }
    }

    /// The axes to resize, in the order of `axes`, and their factors; nil if they are unknown.
    private func factors(_ context: OperatorContext, _ shape: Shape)
        throws(OperatorError) -> [(axis: Int, factor: Factor)]?
    {
        var axes = Array(0..<shape.rank)
        if let listed = try context.ints("axes") {
            _ = try context.axes(listed, rank: shape.rank)
            axes = listed.map { $0 < 0 ? $0 + shape.rank : $0 }
        }
        let position = context.opset == 10 ? 1 : 2
        var list: [Factor]?
        if context.hasInput(3), context.constant(3)?.elementCount != 0 {
            list = try context.fixedExtents(input: 3).map { sizes throws(OperatorError) in
                try factors(context, sizes, axes.map { shape[$0] })
            }
        } else if let scales = context.constant(position)?.floats {
            list = scales.map(Factor.scale)
        }
        guard let list else { return nil }
        guard list.count == axes.count else {
            throw context.error(.contents, "\(list.count) scales or sizes do not fit \(axes.count) axes")
        }
        return zip(axes, list).map { ($0, $1) }
    }

    /// The factors that `sizes` give for the extents `input`: the sizes themselves, or by
    /// `keep_aspect_ratio_policy` the smallest or the largest of their scales for all axes.
    private func factors(_ context: OperatorContext, _ sizes: [Int], _ input: [Dim])
        throws(OperatorError) -> [Factor]
    {
        for size in sizes where size < 0 {
            throw context.error(.contents, "a size of \(size) is not possible")
        }
        let policy = try context.choice("keep_aspect_ratio_policy", default: AspectRatioPolicy.stretch)
        if policy == .stretch { return sizes.map(Factor.size) }
        var scales: [Float] = []
        for (size, extent) in zip(sizes, input) {
            guard let extent = extent.value else { return sizes.map { _ in .commonScale(nil) } }
            if extent > 0 { scales.append(Float(size) / Float(extent)) }
        }
        let scale = policy == .notLarger ? scales.min() : scales.max()
        return sizes.map { _ in .commonScale(scale) }
    }

    private enum AspectRatioPolicy: String {
        case stretch
        case notLarger = "not_larger"
        case notSmaller = "not_smaller"
    }

    private func output(_ context: OperatorContext, _ extent: Dim, _ factor: Factor)
        throws(OperatorError) -> Dim
    {
        switch (factor, extent) {
        case (.size(let size), _): return .fixed(size)
        case (.scale(1), _), (.commonScale(1), _): return extent
        case (.scale(let scale), .fixed(let extent)):
            return .fixed(try context.scaledExtent(extent, by: scale))
        case (.commonScale(let scale?), .fixed(let extent)):
            return .fixed(try context.scaledExtent(extent, by: scale, rounding: .toNearestOrAwayFromZero))
        default: return .unknown
        }
    }

    private func interpolation(_ context: OperatorContext) throws(OperatorError) -> Interpolation {
        var result = Interpolation()
        result.mode = try context.choice("mode", default: .nearest)
        guard context.opset > 10 else { return result }
        result.coordinates = try context.choice("coordinate_transformation_mode", default: .halfPixel)
        result.rounding = try context.choice("nearest_mode", default: .preferFloor)
        result.cubicCoefficient = Double(try context.float("cubic_coeff_a", default: -0.75))
        result.isAntialiased = try context.flag("antialias", default: false)
        guard !result.isAntialiased || result.mode != .nearest else {
            throw context.error(.attribute, "antialias is for the modes linear and cubic")
        }
        result.excludesOutside = try context.flag("exclude_outside", default: false)
        guard !result.excludesOutside || result.mode == .cubic || result.isAntialiased else {
            throw context.error(.attribute, "exclude_outside is for cubic and antialiased interpolation")
        }
        result.extrapolation = Double(try context.float("extrapolation_value", default: 0))
        return result
    }
}

extension OperatorContext {
    /// A string attribute whose value must be one of an enumeration's names.
    ///
    /// - Throws: `OperatorError.attribute` for any other value.
    func choice<Choice: RawRepresentable<String>>(_ name: String, default value: Choice)
        throws(OperatorError) -> Choice
    {
        guard let text = try string(name) else { return value }
        guard let choice = Choice(rawValue: text) else {
            throw error(.attribute, "\(name) \"\(text)\" is unknown")
        }
        return choice
    }

    /// extent * scale, rounded down or by the given rule, in single precision as in other runtimes.
    ///
    /// - Throws: `OperatorError.contents` if the scale is not a positive number or the result is too large.
    func scaledExtent(_ extent: Int, by scale: Float, rounding rule: FloatingPointRoundingRule = .down)
        throws(OperatorError) -> Int
    {
        let product = (Float(extent) * scale).rounded(rule)
        guard scale > 0, product <= Float(OperatorContext.maximumElements) else {
            throw error(.contents, "a scale of \(scale) for \(extent) elements is not possible")
        }
        return Int(product)
    }
}
