import GraphIR

/// An operator that returns the position of the largest or the smallest element along an axis.
///
/// data [..., n, ...] -> int64 [..., 1, ...], or without that axis if `keepdims` is 0. Among equal elements
/// the first counts, or the last with `select_last_index`; NaN comes before any number.
public protocol ArgReduction: Operator {
    /// Whether the search prefers `a` to `b`.
    func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool
}

extension ArgReduction {
    public func schema(opset: Int) -> OperatorSchema {
        opset < 12
            ? OperatorSchema(inputs: 1...1, .optional("axis", .int), .optional("keepdims", .flag))
            : OperatorSchema(
                inputs: 1...1, .optional("axis", .int), .optional("keepdims", .flag),
                .optional("select_last_index", .flag))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let shape = context.shape(0) else { return [TensorType(.int64, nil)] }
        let axis = try context.axis(try context.int("axis", default: 0), rank: shape.rank)
        let keeps = try context.flag("keepdims", default: true)
        return [TensorType(.int64, shape.reduced(over: [axis], keeping: keeps))]
    }

    /// One operation per input element.
    public func cost(_ context: OperatorContext) -> Cost? {
        context.shape(0)?.elementCount.map { Cost(elementaryOperations: $0) }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let axis = try context.axis(try context.int("axis", default: 0), rank: data.rank)
        let keeps = try context.flag("keepdims", default: true)
        let shape = Shape(data.shape).reduced(over: [axis], keeping: keeps).extents ?? []
        let count = try context.checkedCount(shape)
        let (extent, inner) = (data.shape[axis], data.shape[(axis + 1)...].reduce(1, *))
        guard extent > 0 else { throw context.error(.shape, "axis \(axis) of \(data.type) is empty") }
        let picksLast = try context.flag("select_last_index", default: false)
        func search<Number>(_ elements: [Number], _ isBetter: (Number, Number) -> Bool) -> [Int] {
            (0..<count).map { position in
                let start = position / inner * extent * inner + position % inner
                var best = 0
                for index in 1..<max(1, extent) {
                    let (new, old) = (elements[start + index * inner], elements[start + best * inner])
                    if isBetter(new, old) || (picksLast && !isBetter(old, new)) { best = index }
                }
                return best
            }
        }
        let places =
            data.elementType.isInteger
            ? search(try data.wholeNumbers(context), precedes)
            : search(try data.reals(context)) { precedes($0, $1) || ($0.isNaN && !$1.isNaN) }
        return [try context.tensor(.int64, shape, integers: places)]
    }
}
