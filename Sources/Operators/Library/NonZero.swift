import GraphIR

/// `NonZero`: the indices of the elements that are not zero (ONNX NonZero-9, 13).
///
/// X of rank r -> the indices, int64 [r, n], in row-major order; n depends on the contents. A scalar counts
/// as a vector of one element.
public struct NonZero: Operator {
    public let name = "NonZero"
    public let versions = [9, 13]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] {
        guard let shape = context.shape(0) else { return [TensorType(.int64, nil)] }
        return [TensorType(.int64, Shape([.fixed(max(1, shape.rank)), .unknown]))]
    }

    /// One operation per input element.
    public func cost(_ context: OperatorContext) -> Cost? {
        context.shape(0)?.elementCount.map { Cost(elementaryOperations: $0) }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let places = try x.reals(context).enumerated().filter { $0.element != 0 }.map(\.offset)
        let shape = x.shape.isEmpty ? [1] : x.shape
        try context.checkedCount([shape.count, places.count])
        let indices = zip(rowMajorStrides(of: shape), shape).flatMap { stride, extent in
            places.map { $0 / stride % extent }
        }
        return [try context.tensor(.int64, [shape.count, places.count], integers: indices)]
    }
}
