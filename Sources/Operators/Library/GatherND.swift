import GraphIR

/// `GatherND`: slices of `data` by tuples of indices (ONNX GatherND-11, 12, 13).
///
/// With b = `batch_dims` (from opset 12, default 0), data [B1...Bb, ...] of rank r and indices
/// [B1...Bb, ..., q] of rank n -> output indices.shape[..<(n-1)] + data.shape[(b+q)...].
public struct GatherND: Operator {
    public let name = "GatherND"
    public let versions = [11, 12, 13]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 12
            ? OperatorSchema(inputs: 2...2)
            : OperatorSchema(inputs: 2...2, .optional("batch_dims", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape, let indices = context.shape(1) else {
            return [TensorType(data.elementType, nil)]
        }
        guard let tuple = indices.dims.last?.value else {
            guard indices.rank >= 1 else { throw context.error(.shape, "indices must not be a scalar") }
            return [TensorType(data.elementType, nil)]
        }
        let batch = try batch(context, shape, indices, tuple)
        var dims = Array(indices.dims.dropLast())
        for axis in 0..<batch { dims[axis] = dims[axis].merged(with: shape[axis]) ?? dims[axis] }
        return [TensorType(data.elementType, Shape(dims + shape.dims[(batch + tuple)...]))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let indexTensor = try context.required(inputs, 1)
        guard let tuple = indexTensor.shape.last else {
            throw context.error(.shape, "indices must not be a scalar")
        }
        let batch = try batch(context, Shape(data.shape), Shape(indexTensor.shape), tuple)
        let shape = Array(indexTensor.shape.dropLast()) + Array(data.shape[(batch + tuple)...])
        guard try context.checkedCount(shape) > 0 else {
            return [try data.gatheringChunks(context, [], chunk: 0, shape: shape)]
        }
        let indices = try indexTensor.wholeNumbers(context)
        let slices = data.shape[..<batch].reduce(1, *)
        let tuples = indexTensor.shape.dropLast().reduce(1, *)
        let extents = Array(data.shape[batch..<(batch + tuple)])
        let sliceCount = extents.reduce(1, *)
        var chunks: [Int] = []
        chunks.reserveCapacity(tuples)
        for position in 0..<tuples {
            let start = position / (tuples / slices) * sliceCount
            let place = try context.tuplePlace(
                indices[(position * tuple)..<((position + 1) * tuple)], in: extents)
            chunks.append(start + place)
        }
        let chunk = data.shape[(batch + tuple)...].reduce(1, *)
        return [try data.gatheringChunks(context, chunks, chunk: chunk, shape: shape)]
    }

    /// `batch_dims`, after checking it against the shapes.
    private func batch(_ context: OperatorContext, _ data: Shape, _ indices: Shape, _ tuple: Int)
        throws(OperatorError) -> Int
    {
        let batch = try context.int("batch_dims", default: 0)
        guard batch >= 0, batch < indices.rank, batch <= data.rank, tuple >= 0, tuple <= data.rank - batch,
            (0..<batch).allSatisfy({ data[$0].merged(with: indices[$0]) != nil })
        else {
            throw context.error(
                .shape, "indices \(indices) do not fit data \(data) with batch_dims \(batch)")
        }
        return batch
    }
}

extension OperatorContext {
    /// The row-major offset of a tuple of indices into `extents`.
    ///
    /// - Throws: `OperatorError.contents` if an index is out of range.
    func tuplePlace(_ tuple: ArraySlice<Int>, in extents: [Int]) throws(OperatorError) -> Int {
        var offset = 0
        for (index, extent) in zip(tuple, extents) {
            offset = offset * extent + (try place(index, in: extent))
        }
        return offset
    }
}
