import GraphIR

/// `Pad`: elements added before and after along each axis, or removed where the number is negative (ONNX
/// Pad-2, 11, 13, 18, 19, 21, 23).
///
/// `pads` lists the numbers before each axis, then those after each axis. It is an attribute before opset 11
/// and an input from then on, and applies to the axes of input `axes` from opset 18 on. Modes: `constant`,
/// `edge`, `reflect`, and `wrap` from opset 19.
public struct Pad: Operator {
    public let name = "Pad"
    public let versions = [2, 11, 13, 18, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<11:
            OperatorSchema(
                inputs: 1...1, .optional("mode", .string), .required("pads", .ints),
                .optional("value", .float))
        case ..<18: OperatorSchema(inputs: 2...3, .optional("mode", .string))
        default: OperatorSchema(inputs: 2...4, .optional("mode", .string))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else { return [data] }
        guard let amounts = try Pad.amounts(context, rank: shape.rank) else {
            return [TensorType(data.elementType, Shape([Dim](repeating: .unknown, count: shape.rank)))]
        }
        return [TensorType(data.elementType, try padded(context, shape, amounts))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        guard let amounts = try Pad.amounts(context, rank: data.rank) else {
            throw context.error(.contents, "pads and axes must be integers")
        }
        let shape = try padded(context, Shape(data.shape), amounts).extents ?? []
        let mode = try mode(context)
        var result = try TensorAssembler(context, data.elementType, shape: shape)
        guard !result.isEmpty else { return [try result.finish()] }
        if mode == .constant, let value = try fillValue(context, inputs, data.elementType) {
            for target in 0..<shape.reduce(1, *) { result.copy(value, from: 0, count: 1, to: target) }
        }
        // For each axis and position of the output, the input position that it reads.
        var sources: [[Int?]] = []
        for axis in data.shape.indices {
            let extent = data.shape[axis]
            guard extent > 0 || mode == .constant else {
                throw context.error(.shape, "axis \(axis) has nothing to repeat")
            }
            sources.append((0..<shape[axis]).map { mode.source($0 - amounts.before[axis], extent) })
        }
        let strides = rowMajorStrides(of: data.shape)
        var index = [Int](repeating: 0, count: shape.count)
        for target in 0..<shape.reduce(1, *) {
            var rest = target
            for axis in shape.indices.reversed() {
                index[axis] = rest % shape[axis]
                rest /= shape[axis]
            }
            var source = 0
            let isInside = shape.indices.allSatisfy { axis in
                guard let place = sources[axis][index[axis]] else { return false }
                source += place * strides[axis]
                return true
            }
            if isInside { result.copy(data, from: source, count: 1, to: target) }
        }
        return [try result.finish()]
    }

    /// The number of elements added before and after each axis.
    public struct Amounts: Sendable, Equatable {
        /// Elements added before each axis; negative numbers remove.
        public var before: [Int]
        /// Elements added after each axis; negative numbers remove.
        public var after: [Int]
    }

    /// - Returns: nil if the amounts are unknown.
    /// - Throws: `OperatorError` if they do not match the rank.
    public static func amounts(_ context: OperatorContext, rank: Int) throws(OperatorError) -> Amounts? {
        let isInput = context.opset >= 11
        guard let pads = isInput ? context.fixedExtents(input: 1) : try context.ints("pads") else {
            return nil
        }
        var axes = Array(0..<rank)
        if context.opset >= 18, context.hasInput(3) {
            guard let listed = context.fixedExtents(input: 3) else { return nil }
            _ = try context.axes(listed, rank: rank)
            axes = listed.map { $0 < 0 ? $0 + rank : $0 }
        }
        guard pads.count == 2 * axes.count else {
            throw context.error(.contents, "pads \(pads) do not fit \(axes.count) axes")
        }
        var amounts = Amounts(
            before: [Int](repeating: 0, count: rank), after: [Int](repeating: 0, count: rank))
        for (position, axis) in axes.enumerated() {
            amounts.before[axis] = pads[position]
            amounts.after[axis] = pads[axes.count + position]
        }
        return amounts
    }

    private func padded(_ context: OperatorContext, _ shape: Shape, _ amounts: Amounts)
        throws(OperatorError) -> Shape
    {
        var result = shape
        for axis in 0..<shape.rank {
            let dim = shape[axis].plus(.fixed(amounts.before[axis])).plus(.fixed(amounts.after[axis]))
            if let extent = shape[axis].value {
                guard let sum = dim.value, sum >= 0, amounts.before[axis] > -extent - 1,
                    amounts.after[axis] > -extent - 1
                else { throw context.error(.contents, "\(extent) elements cannot be padded like that") }
            }
            result[axis] = dim
        }
        return result
    }

    private func mode(_ context: OperatorContext) throws(OperatorError) -> Mode {
        let name = try context.string("mode") ?? "constant"
        guard let mode = Mode(rawValue: name) else {
            throw context.error(.attribute, "mode \"\(name)\" is unknown")
        }
        return mode
    }

    /// The padding value; nil for zero.
    private func fillValue(_ context: OperatorContext, _ inputs: [Tensor?], _ type: ElementType) throws
        -> Tensor?
    {
        if context.opset < 11 {
            return try context.tensor(type, [], reals: [Double(try context.float("value", default: 0))])
        }
        guard inputs.count > 2, let value = inputs[2] else { return nil }
        guard value.elementType == type, value.elementCount == 1 else {
            throw context.error(.elementType, "the padding value must be one \(type.onnxName)")
        }
        return value
    }

    private enum Mode: String {
        case constant, edge, reflect, wrap

        /// The input position that a position relative to the input's start reads; nil for padding.
        func source(_ position: Int, _ extent: Int) -> Int? {
            if position >= 0, position < extent { return position }
            func modulo(_ period: Int) -> Int { (position % period + period) % period }
            switch self {
            case .constant: return nil
            case .edge: return position < 0 ? 0 : extent - 1
            case .wrap: return modulo(extent)
            case .reflect:
                guard extent > 1 else { return 0 }
                let place = modulo(2 * (extent - 1))
                return place < extent ? place : 2 * (extent - 1) - place
            }
        }
    }
}
