import GraphIR

/// `Gather`: picks entries of `data` along an axis by `indices` (ONNX Gather-1, 11, 13).
///
/// Output shape: data.shape[..<axis] + indices.shape + data.shape[(axis+1)...]. Negative indices count from
/// the back from opset 11 on.
public struct Gather: Operator {
    public let name = "Gather"
    public let versions = [1, 11, 13]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("axis", .int))
    }

    /// A table read by indices, such as the weights that each sample chooses.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { position == 0 }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape, let indices = context.shape(1) else {
            return [TensorType(data.elementType, nil)]
        }
        let axis = try context.axis(try context.int("axis", default: 0), rank: shape.rank)
        let dims = shape.dims[..<axis] + indices.dims + shape.dims[(axis + 1)...]
        return [TensorType(data.elementType, Shape(Array(dims)))]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        guard let data = context.extents(input: 0), let indices = context.integers(input: 1),
            context.shape(0)?.rank == 1, indices.count <= 64
        else { return nil }
        var picked: [Dim] = []
        for index in indices { picked.append(data[try context.place(index, in: data.count)]) }
        return picked
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let indexTensor = try context.required(inputs, 1)
        let indices = try indexTensor.wholeNumbers(context)
        let axis = try context.axis(try context.int("axis", default: 0), rank: data.rank)
        let extent = data.shape[axis]
        var places: [Int] = []
        places.reserveCapacity(indices.count)
        for index in indices { places.append(try context.place(index, in: extent)) }
        let shape = Array(data.shape[..<axis]) + indexTensor.shape + Array(data.shape[(axis + 1)...])
        guard try context.checkedCount(shape) > 0 else {
            return [try data.gatheringChunks(context, [], chunk: 0, shape: shape)]
        }
        let rows = data.shape[..<axis].reduce(1, *)
        let inner = data.shape[(axis + 1)...].reduce(1, *)
        let chunks = (0..<rows).flatMap { row in places.map { row * extent + $0 } }
        return [try data.gatheringChunks(context, chunks, chunk: inner, shape: shape)]
    }
}
