import GraphIR

/// `TopK`: the k largest (or smallest) elements along an axis, with their positions (ONNX TopK-1, 10, 11,
/// 24).
///
/// X [..., n, ...] -> Values and Indices (int64) [..., k, ...], best first. Of equal elements the one with
/// the lower index comes first, and NaN counts as larger than any number. k is an attribute before opset 10.
/// With `sorted` = 0 any order is allowed; this one is kept.
public struct TopK: Operator {
    public let name = "TopK"
    public let versions = [1, 10, 11, 24]

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<10:
            OperatorSchema(inputs: 1...1, outputs: 2...2, .optional("axis", .int), .required("k", .int))
        case 10: OperatorSchema(inputs: 2...2, outputs: 2...2, .optional("axis", .int))
        default:
            OperatorSchema(
                inputs: 2...2, outputs: 2...2, .optional("axis", .int), .optional("largest", .flag),
                .optional("sorted", .flag))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil, nil] }
        guard var shape = x.shape else { return [x, TensorType(.int64, nil)] }
        let axis = try context.axis(try context.int("axis", default: -1), rank: shape.rank)
        shape[axis] = try k(context, extent: shape[axis]).map(Dim.fixed) ?? .unknown
        return [TensorType(x.elementType, shape), TensorType(.int64, shape)]
    }

    /// One operation per input element.
    public func cost(_ context: OperatorContext) -> Cost? {
        context.shape(0)?.elementCount.map { Cost(elementaryOperations: $0) }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let axis = try context.axis(try context.int("axis", default: -1), rank: x.rank)
        guard let k = try k(context, extent: .fixed(x.shape[axis])) else {
            throw context.error(.contents, "k must be one integer")
        }
        var shape = x.shape
        shape[axis] = k
        guard try context.checkedCount(shape) > 0 else {
            return [
                try context.tensor(x.elementType, shape, integers: []),
                try context.tensor(.int64, shape, integers: []),
            ]
        }
        let largest = try context.flag("largest", default: true)
        let positions: [Int]
        if x.elementType == .uint64 {
            let elements = try x.elements(of: UInt64.self)
            positions = ranked(elements, x.shape, axis, k) { largest ? $0 > $1 : $0 < $1 }
        } else if x.elementType.isInteger {
            let elements = try x.wholeNumbers(context)
            positions = ranked(elements, x.shape, axis, k) { largest ? $0 > $1 : $0 < $1 }
        } else {
            positions = ranked(try x.reals(context), x.shape, axis, k) { a, b in
                let isAbove = a > b || (a.isNaN && !b.isNaN)
                return largest ? isAbove : b > a || (b.isNaN && !a.isNaN)
            }
        }
        let (inner, extent) = (x.shape[(axis + 1)...].reduce(1, *), x.shape[axis])
        return [
            try x.gatheringChunks(context, positions, chunk: 1, shape: shape),
            try context.tensor(.int64, shape, integers: positions.map { $0 / inner % extent }),
        ]
    }

    /// The row-major offsets of the best elements, in the order of the output.
    private func ranked<Number>(
        _ elements: [Number], _ shape: [Int], _ axis: Int, _ k: Int,
        _ isBetter: (Number, Number) -> Bool
    ) -> [Int] {
        let inner = shape[(axis + 1)...].reduce(1, *)
        let outer = shape[..<axis].reduce(1, *)
        var result = [Int](repeating: 0, count: outer * k * inner)
        for row in 0..<outer {
            for column in 0..<inner {
                let start = row * shape[axis] * inner + column
                let order = (0..<shape[axis]).sorted { a, b in
                    let (x, y) = (elements[start + a * inner], elements[start + b * inner])
                    if isBetter(x, y) { return true }
                    return isBetter(y, x) ? false : a < b
                }
                for rank in 0..<k { result[(row * k + rank) * inner + column] = start + order[rank] * inner }
            }
        }
        return result
    }

    private func k(_ context: OperatorContext, extent: Dim) throws(OperatorError) -> Int? {
        let k: Int
        if context.opset < 10 {
            guard let attribute = try context.int("k") else {
                throw context.error(.attribute, "attribute \"k\" is missing")
            }
            k = attribute
        } else {
            guard let list = context.fixedExtents(input: 1), list.count == 1 else { return nil }
            k = list[0]
        }
        guard k >= 0, k <= extent.value ?? k else {
            throw context.error(.contents, "k = \(k) of \(extent) elements is not possible")
        }
        return k
    }
}
