import GraphIR

/// `Tile`: the input repeated along each axis (ONNX Tile-6, 13).
///
/// input of rank r, repeats [r] int64 -> output.shape[i] = input.shape[i] * repeats[i].
public struct Tile: Operator {
    public let name = "Tile"
    public let versions = [6, 13]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        guard let shape = data.shape else { return [data] }
        guard let repeats = context.fixedExtents(input: 1) else {
            return [TensorType(data.elementType, Shape([Dim](repeating: .unknown, count: shape.rank)))]
        }
        return [TensorType(data.elementType, try tiled(context, shape, repeats))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let repeats = try context.required(inputs, 1).wholeNumbers(context)
        guard let shape = try tiled(context, Shape(data.shape), repeats).extents else {
            throw context.error(.shape, "the result is too large")
        }
        try context.checkedCount(shape)
        // Each axis as a pair: the copy (stride 0), and the position in the copy.
        let strides = rowMajorStrides(of: data.shape)
        let pairs = zip(repeats, data.shape).flatMap { [$0, $1] }
        let steps = strides.flatMap { [0, $0] }
        guard let result = try data.strided(context, shape: pairs, strides: steps).reshaped(to: shape) else {
            throw context.error(.shape, "the result is too large")
        }
        return [result]
    }

    private func tiled(_ context: OperatorContext, _ shape: Shape, _ repeats: [Int])
        throws(OperatorError) -> Shape
    {
        guard repeats.count == shape.rank, repeats.allSatisfy({ $0 >= 0 }) else {
            throw context.error(.contents, "repeats \(repeats) do not fit input \(shape)")
        }
        return Shape(zip(shape.dims, repeats).map { $0.times(.fixed($1)) })
    }
}
