import GraphIR

/// An operator that folds its input along some axes.
///
/// data [d1...dn] -> the same shape with the reduced axes 1 (`keepdims`, the default) or left out. Older
/// versions take the axes as an attribute, newer ones as an input. Without axes, all axes are reduced, unless
/// `noop_with_empty_axes` makes the operator the identity. Sums are accumulated in double precision.
public protocol Reduction: Operator {
    /// The opset from which the axes are an input.
    var axesInputOpset: Int { get }
    /// The result of folding no elements, before `finish`.
    var identity: Double { get }
    func combine(_ accumulated: Double, _ element: Double) -> Double
    /// The result, from the fold of `count` elements.
    func finish(_ accumulated: Double, count: Int) -> Double
    /// The same fold in integer arithmetic; nil to reduce integers as real numbers, truncating the result.
    var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { get }
}

extension Reduction {
    public var axesInputOpset: Int { 18 }
    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { nil }
    public func finish(_ accumulated: Double, count: Int) -> Double { accumulated }

    public func schema(opset: Int) -> OperatorSchema {
        opset < axesInputOpset
            ? OperatorSchema(inputs: 1...1, .optional("axes", .ints), .optional("keepdims", .flag))
            : OperatorSchema(
                inputs: 1...2, .optional("keepdims", .flag), .optional("noop_with_empty_axes", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else { return [data] }
        let keeps = try context.flag("keepdims", default: true)
        guard let axes = try axes(context, rank: shape.rank) else {
            let dims = [Dim](repeating: .unknown, count: shape.rank)
            return [TensorType(data.elementType, keeps ? Shape(dims) : nil)]
        }
        return [TensorType(data.elementType, shape.reduced(over: axes, keeping: keeps))]
    }

    /// One operation per input element.
    public func cost(_ context: OperatorContext) -> Cost? {
        context.shape(0)?.elementCount.map { Cost(elementaryOperations: $0) }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        guard let axes = try axes(context, rank: data.rank) else {
            throw context.error(.contents, "axes must be a list of integers")
        }
        if axes.isEmpty { return [data] }
        let keeps = try context.flag("keepdims", default: true)
        let kept = Shape(data.shape).reduced(over: axes, keeping: true).extents ?? []
        let shape = Shape(data.shape).reduced(over: axes, keeping: keeps).extents ?? []
        try context.checkedCount(kept)
        let count = axes.reduce(1) { $0 * data.shape[$1] }
        // The identities of integer folds are beyond the range of most types; real numbers are clamped to it.
        if data.elementType.isInteger, count > 0, let (identity, combine) = integerFold {
            let sums = fold(try data.wholeNumbers(context), data.shape, kept, identity, combine)
            return [try context.tensor(data.elementType, shape, integers: sums)]
        }
        var sums = fold(try data.reals(context), data.shape, kept, identity, combine)
        if data.elementType == .bool { sums = sums.map { min(max($0, 0), 1) } }
        let results = sums.map { finish($0, count: count) }
        return [try context.tensor(data.elementType, shape, reals: results)]
    }

    /// The axes to reduce, ascending; none if the operator is the identity, nil if they are unknown.
    private func axes(_ context: OperatorContext, rank: Int) throws(OperatorError) -> [Int]? {
        let isInput = context.opset >= axesInputOpset
        if isInput, context.hasInput(1), context.fixedExtents(input: 1) == nil { return nil }
        let listed = isInput ? context.fixedExtents(input: 1) : try context.ints("axes")
        if let listed, !listed.isEmpty { return try context.axes(listed, rank: rank) }
        return try context.flag("noop_with_empty_axes", default: false) ? [] : Array(0..<rank)
    }

    /// Folds `elements` of the given shape into the shape `kept`, whose reduced axes are 1.
    private func fold<Number>(
        _ elements: [Number], _ shape: [Int], _ kept: [Int], _ identity: Number,
        _ combine: (Number, Number) -> Number
    ) -> [Number] {
        var results = [Number](repeating: identity, count: kept.reduce(1, *))
        var strides = rowMajorStrides(of: kept)
        for axis in kept.indices where kept[axis] == 1 { strides[axis] = 0 }
        let (columns, step) = (shape.last ?? 1, strides.last ?? 0)
        var source = 0
        forEachRow(shape: shape, strides: strides) { start in
            for column in 0..<columns {
                let target = start + column * step
                results[target] = combine(results[target], elements[source])
                source += 1
            }
        }
        return results
    }
}

extension Shape {
    /// The shape with the given axes set to 1 or left out.
    func reduced(over axes: [Int], keeping: Bool) -> Shape {
        var reduced = [Bool](repeating: false, count: rank)
        for axis in axes { reduced[axis] = true }
        var result: [Dim] = []
        for axis in 0..<rank {
            if !reduced[axis] { result.append(self[axis]) } else if keeping { result.append(1) }
        }
        return Shape(result)
    }
}
