import GraphIR

/// `Transpose`: the axes in another order, reversed by default (ONNX Transpose-1, 13, 21, 23).
///
/// Y.shape[i] = X.shape[perm[i]].
public struct Transpose: Operator {
    public let name = "Transpose"
    public let versions = [1, 13, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("perm", .ints))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        let order = try Transpose.order(context, rank: shape.rank)
        return [TensorType(x.elementType, Shape(order.map { shape[$0] }))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let order = try Transpose.order(context, rank: x.rank)
        let strides = rowMajorStrides(of: x.shape)
        return [try x.strided(context, shape: order.map { x.shape[$0] }, strides: order.map { strides[$0] })]
    }

    /// For each axis of the output, the axis of the input.
    ///
    /// - Throws: `OperatorError.attribute` if `perm` is not a permutation of the axes.
    public static func order(_ context: OperatorContext, rank: Int) throws(OperatorError) -> [Int] {
        guard let perm = try context.ints("perm") else { return (0..<rank).reversed() }
        let axes = try context.axes(perm, rank: rank)
        guard axes.count == rank else {
            throw context.error(.attribute, "perm \(perm) does not permute \(rank) axes")
        }
        return perm.map { $0 < 0 ? $0 + rank : $0 }
    }
}
