import GraphIR

/// `GatherElements`: for each index the element at that position along an axis (ONNX GatherElements-11, 13).
///
/// data of rank r, indices of rank r -> output of the indices' shape;
/// output[i][j][k] = data[indices[i][j][k]][j][k] for axis 0, and so on.
public struct GatherElements: Operator {
    public let name = "GatherElements"
    public let versions = [11, 13]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        if let rank = data.shape?.rank {
            _ = try context.axis(try context.int("axis", default: 0), rank: rank)
        }
        return [TensorType(data.elementType, context.shape(1))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let indices = try context.required(inputs, 1)
        let places = try context.elementPlaces(indices, data.shape)
        return [try data.gatheringChunks(context, places, chunk: 1, shape: indices.shape)]
    }
}

extension OperatorContext {
    /// The elements of a tensor of `shape` to which the entries of an index tensor of GatherElements or
    /// ScatterElements point, as row-major offsets.
    ///
    /// - Throws: `OperatorError` if the shapes do not match or an index is out of range.
    func elementPlaces(_ indices: Tensor, _ shape: [Int]) throws -> [Int] {
        let axis = try axis(try int("axis", default: 0), rank: shape.count)
        guard indices.rank == shape.count,
            shape.indices.allSatisfy({ $0 == axis || indices.shape[$0] <= shape[$0] })
        else { throw error(.shape, "indices \(indices.type) do not fit data \(Shape(shape))") }
        let list = try indices.wholeNumbers(self)
        let strides = rowMajorStrides(of: shape)
        let step = strides[axis]
        var own = strides
        own[axis] = 0
        let (columns, columnStep) = (indices.shape.last ?? 1, own.last ?? 0)
        var bases: [Int] = []
        bases.reserveCapacity(list.count)
        forEachRow(shape: indices.shape, strides: own) { start in
            for column in 0..<columns { bases.append(start + column * columnStep) }
        }
        var places: [Int] = []
        places.reserveCapacity(list.count)
        for (base, index) in zip(bases, list) {
            places.append(base + (try place(index, in: shape[axis])) * step)
        }
        return places
    }
}
