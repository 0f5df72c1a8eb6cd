import GraphIR

/// `Size`: the number of elements of its input, an int64 scalar (ONNX Size-1, 13, 19, 21, 23).
public struct SizeOf: Operator {
    public let name = "Size"
    public let versions = [1, 13, 19, 21, 23]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [TensorType(.int64, [])] }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        context.shape(0).map { [Dim.product($0.dims)] }
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        [Tensor(scalar: Int64(try context.required(inputs, 0).elementCount))]
    }
}
