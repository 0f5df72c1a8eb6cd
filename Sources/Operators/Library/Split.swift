import GraphIR

/// `Split`: the input cut into consecutive parts along an axis (ONNX Split-2, 11, 13, 18).
///
/// The parts' extents are attribute `split` before opset 13, and input 1 from then on. Without them the parts
/// are equal; from opset 18 on (`num_outputs`) the last may be smaller.
public struct Split: Operator {
    public let name = "Split"
    public let versions = [2, 11, 13, 18]

    public func schema(opset: Int) -> OperatorSchema {
        let outputs = 1...OperatorSchema.unbounded
        return switch opset {
        case ..<13:
            OperatorSchema(
                inputs: 1...1, outputs: outputs, .optional("axis", .int), .optional("split", .ints))
        case ..<18: OperatorSchema(inputs: 1...2, outputs: outputs, .optional("axis", .int))
        default:
            OperatorSchema(
                inputs: 1...2, outputs: outputs, .optional("axis", .int), .optional("num_outputs", .int))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else {
            return [TensorType?](repeating: data, count: context.outputCount)
        }
        let axis = try context.axis(try context.int("axis", default: 0), rank: shape.rank)
        let parts = try parts(context, shape[axis])
        return (0..<context.outputCount).map { output in
            var part = shape
            part[axis] = parts.map { .fixed($0[output]) } ?? .unknown
            return TensorType(data.elementType, part)
        }
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        guard let contents = context.extents(input: 0), context.shape(0)?.rank == 1,
            let first = try parts(context, .fixed(contents.count))?.first
        else { return nil }
        return Array(contents.prefix(first))
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let axis = try context.axis(try context.int("axis", default: 0), rank: data.rank)
        guard let parts = try parts(context, .fixed(data.shape[axis])) else {
            throw context.error(.contents, "the extents of the parts must be integers")
        }
        let strides = rowMajorStrides(of: data.shape)
        var start = 0
        return try parts.map { extent in
            var shape = data.shape
            shape[axis] = extent
            let part = try data.strided(
                context, shape: shape, strides: strides, offset: start * strides[axis])
            start += extent
            return part
        }
    }

    /// The extent of each part; nil if it depends on something unknown.
    private func parts(_ context: OperatorContext, _ extent: Dim) throws(OperatorError) -> [Int]? {
        let count = context.outputCount
        let isInput = context.opset >= 13
        if isInput, context.hasInput(1), context.fixedExtents(input: 1) == nil { return nil }
        if let sizes = isInput ? context.fixedExtents(input: 1) : try context.ints("split") {
            guard sizes.count == count, let total = Dim.sum(sizes.map(Dim.fixed)).value,
                sizes.allSatisfy({ $0 >= 0 }), extent.value ?? total == total
            else { throw context.error(.shape, "parts \(sizes) do not make up \(extent)") }
            return sizes
        }
        if let declared = try context.int("num_outputs"), declared != count {
            throw context.error(.attribute, "num_outputs is \(declared), the node has \(count) outputs")
        }
        guard let whole = extent.value, count > 0 else { return nil }
        guard context.opset >= 18 || whole % count == 0 else {
            throw context.error(.shape, "\(whole) does not divide into \(count) equal parts")
        }
        let size = whole / count + (whole % count == 0 ? 0 : 1)
        return (0..<count).map { part in
            let (start, overflow) = part.multipliedReportingOverflow(by: size)
            return overflow ? 0 : min(size, max(0, whole - start))
        }
    }
}
