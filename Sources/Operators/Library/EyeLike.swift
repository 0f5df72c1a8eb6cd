import GraphIR

/// `EyeLike`: ones on a diagonal, zeros elsewhere (ONNX EyeLike-9, 22).
///
/// input [n, m] -> [n, m] of type `dtype` (default: the input's), ones where column = row + `k`.
public struct EyeLike: Operator {
    public let name = "EyeLike"
    public let versions = [9, 22]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("dtype", .int), .optional("k", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let input = context.inputType(0) else { return [nil] }
        if let shape = input.shape, shape.rank != 2 {
            throw context.error(.shape, "takes a matrix, the input is \(shape)")
        }
        return [TensorType(try elementType(context) ?? input.elementType, input.shape)]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let input = try context.required(inputs, 0)
        guard input.rank == 2 else {
            throw context.error(.shape, "takes a matrix, the input is \(input.type)")
        }
        let k = try context.int("k", default: 0)
        var elements = [Int](repeating: 0, count: try context.checkedCount(input.shape))
        for row in 0..<input.shape[0] {
            let (column, overflow) = row.addingReportingOverflow(k)
            if !overflow, (0..<input.shape[1]).contains(column) {
                elements[row * input.shape[1] + column] = 1
            }
        }
        let type = try elementType(context) ?? input.elementType
        return [try context.tensor(type, input.shape, integers: elements)]
    }

    private func elementType(_ context: OperatorContext) throws(OperatorError) -> ElementType? {
        guard let number = try context.int("dtype") else { return nil }
        guard let type = Int32(exactly: number).flatMap(ElementType.init) else {
            throw context.error(.attribute, "dtype \(number) is unknown")
        }
        return type
    }
}
