import GraphIR

/// `OneHot`: a new axis along which one element is `on` (ONNX OneHot-9, 11).
///
/// indices [...], depth (one number d), values [off, on] -> [..., d, ...] of values' type, with the new axis
/// at `axis` (default: last). From opset 11 on, negative indices count from the back. An index out of range
/// sets no element to `on`.
public struct OneHot: Operator {
    public let name = "OneHot"
    public let versions = [9, 11]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 3...3, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(2)?.elementType else { return [nil] }
        guard let indices = context.shape(0) else { return [TensorType(type, nil)] }
        let axis = try axis(context, rank: indices.rank)
        let known = try context.constant(1).flatMap { tensor throws(OperatorError) in
            try depth(context, tensor)
        }
        var dims = indices.dims
        dims.insert(known.map(Dim.fixed) ?? .unknown, at: axis)
        return [TensorType(type, Shape(dims))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let indices = try context.required(inputs, 0)
        let values = try context.required(inputs, 2)
        guard values.shape == [2] else {
            throw context.error(.shape, "values must be off and on, are \(values.type)")
        }
        let axis = try axis(context, rank: indices.rank)
        let depth = try depth(context, try context.required(inputs, 1))
        var shape = indices.shape
        shape.insert(depth, at: axis)
        let count = try context.checkedCount(shape)
        let inner = indices.shape[axis...].reduce(1, *)
        var chosen = [Int](repeating: 0, count: count)
        for (position, index) in try indices.reals(context).map(\.truncatedToInt).enumerated() {
            let place = index < 0 && context.opset >= 11 ? index + depth : index
            guard (0..<depth).contains(place) else { continue }
            chosen[(position / inner * depth + place) * inner + position % inner] = 1
        }
        return [try values.gatheringChunks(context, chosen, chunk: 1, shape: shape)]
    }

    private func axis(_ context: OperatorContext, rank: Int) throws(OperatorError) -> Int {
        let axis = try context.int("axis", default: -1)
        return try context.axis(axis, rank: rank + 1)
    }

    private func depth(_ context: OperatorContext, _ tensor: Tensor) throws(OperatorError) -> Int {
        let numbers = tensor.doubles?.map(\.truncatedToInt) ?? tensor.integers ?? []
        guard numbers.count == 1, numbers[0] >= 0, numbers[0] <= OperatorContext.maximumElements else {
            throw context.error(.contents, "depth must be one number that is not negative")
        }
        return numbers[0]
    }
}
