import GraphIR

/// `Slice`: a range of elements along some axes (ONNX Slice-1, 10, 11, 13).
///
/// `starts`, `ends` and `axes` are attributes before opset 10, inputs (with `steps`) from then on. Negative
/// positions count from the back; positions beyond the extent are clamped; negative steps walk backwards.
public struct Slice: Operator {
    public let name = "Slice"
    public let versions = [1, 10, 11, 13]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 10
            ? OperatorSchema(
                inputs: 1...1, .optional("axes", .ints), .required("ends", .ints),
                .required("starts", .ints))
            : OperatorSchema(inputs: 3...5)
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else { return [data] }
        guard let cuts = try cuts(context, rank: shape.rank) else {
            return [TensorType(data.elementType, Shape([Dim](repeating: .unknown, count: shape.rank)))]
        }
        var result = shape
        for cut in cuts {
            if let extent = shape[cut.axis].value {
                result[cut.axis] = .fixed(cut.positions(in: extent).count)
            } else if !cut.isWhole {
                result[cut.axis] = .unknown
            }
        }
        return [TensorType(data.elementType, result)]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        guard let contents = context.extents(input: 0), context.shape(0)?.rank == 1,
            let cuts = try cuts(context, rank: 1)
        else { return nil }
        return cuts.reduce(contents) { list, cut in
            let (start, step, count) = cut.positions(in: list.count)
            return (0..<count).map { list[start + $0 * step] }
        }
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        guard let view = try Slice.view(context, of: data.shape) else {
            throw context.error(.contents, "starts, ends, axes and steps must be integers")
        }
        return [
            try data.strided(context, shape: view.shape, strides: view.strides, offset: view.offset)
        ]
    }

    /// The part of a tensor of the given shape that remains; nil if the cuts are unknown.
    public static func view(_ context: OperatorContext, of shape: [Int]) throws(OperatorError) -> StridedView?
    {
        guard let cuts = try Slice().cuts(context, rank: shape.count) else { return nil }
        var (shape, strides, offset) = (shape, rowMajorStrides(of: shape), 0)
        for cut in cuts {
            let (start, step, count) = cut.positions(in: shape[cut.axis])
            shape[cut.axis] = count
            guard count > 0 else { continue }
            offset += start * strides[cut.axis]
            strides[cut.axis] = count > 1 ? strides[cut.axis] * step : 0
        }
        return StridedView(shape: shape, strides: strides, offset: offset)
    }

    /// Whether everything is kept, whatever the extents.
    public static func takesAll(_ context: OperatorContext, rank: Int) throws(OperatorError) -> Bool {
        try Slice().cuts(context, rank: rank)?.allSatisfy(\.isWhole) ?? false
    }

    /// The cut along one axis.
    private struct Cut {
        let axis: Int
        let start: Int
        let end: Int
        let step: Int

        /// Whether everything is kept, whatever the extent.
        var isWhole: Bool { start == 0 && step == 1 && end >= Int(Int32.max) }

        /// The first position kept, the step to the next, and their number.
        func positions(in extent: Int) -> (start: Int, step: Int, count: Int) {
            func counted(_ position: Int) -> Int { position < 0 ? position + extent : position }
            if step > 0 {
                let first = min(max(counted(start), 0), extent)
                let last = min(max(counted(end), 0), extent)
                return (first, step, last > first ? (last - first - 1) / step + 1 : 0)
            }
            let first = min(max(counted(start), -1), extent - 1)
            let last = min(max(counted(end), -1), extent - 1)
            let count = first > last ? UInt(first - last - 1) / step.magnitude + 1 : 0
            return (first, step, Int(count))
        }
    }

    /// The cuts, by ascending axis; nil if they are unknown.
    private func cuts(_ context: OperatorContext, rank: Int) throws(OperatorError) -> [Cut]? {
        var (axes, steps): ([Int]?, [Int]?)
        let (starts, ends): ([Int]?, [Int]?)
        if context.opset < 10 {
            (starts, ends, axes) = (
                try context.ints("starts"), try context.ints("ends"), try context.ints("axes")
            )
        } else {
            (starts, ends) = (context.fixedExtents(input: 1), context.fixedExtents(input: 2))
            axes = context.fixedExtents(input: 3)
            steps = context.fixedExtents(input: 4)
            if context.hasInput(3), axes == nil { return nil }
            if context.hasInput(4), steps == nil { return nil }
        }
        guard let starts, let ends else { return nil }
        let listed = axes ?? Array(starts.indices)
        let strides = steps ?? [Int](repeating: 1, count: starts.count)
        guard starts.count == ends.count, starts.count == listed.count, starts.count == strides.count else {
            throw context.error(.contents, "starts, ends, axes and steps differ in length")
        }
        _ = try context.axes(listed, rank: rank)
        var cuts: [Cut] = []
        for index in starts.indices {
            guard strides[index] != 0 else { throw context.error(.contents, "a step is 0") }
            let axis = try context.axis(listed[index], rank: rank)
            cuts.append(Cut(axis: axis, start: starts[index], end: ends[index], step: strides[index]))
        }
        return cuts
    }
}
