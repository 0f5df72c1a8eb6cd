import GraphIR

/// An operator that reduces the spatial axes of each channel to one element.
///
/// X [N, C, D1...Dn] -> Y [N, C, 1...1].
public protocol GlobalPooling: Operator {
    /// - Parameter plane: the elements of one channel of one sample.
    func pool(_ plane: ArraySlice<Double>) -> Double
}

extension GlobalPooling {
    public var versions: [Int] { [1, 22] }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        return [TensorType(x.elementType, try pooled(context, shape))]
    }

    /// One operation per input element.
    public func cost(_ context: OperatorContext) -> Cost? {
        context.shape(0)?.elementCount.map { Cost(elementaryOperations: $0) }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let shape = try pooled(context, Shape(x.shape)).extents ?? []
        let planes = try context.checkedCount(shape)
        let plane = x.shape[2...].reduce(1, *)
        let values = try x.reals(context)
        guard plane > 0 else { throw context.error(.shape, "input \(x.type) has no elements to pool") }
        let results = (0..<planes).map { pool(values[($0 * plane)..<(($0 + 1) * plane)]) }
        return [try context.tensor(x.elementType, shape, reals: results)]
    }

    private func pooled(_ context: OperatorContext, _ shape: Shape) throws(OperatorError) -> Shape {
        guard shape.rank >= 2 else { throw context.error(.shape, "input \(shape) has no channels") }
        return Shape(shape.dims[..<2] + [Dim](repeating: 1, count: shape.rank - 2))
    }
}
