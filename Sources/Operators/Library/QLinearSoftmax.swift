import GraphIR

/// `QLinearSoftmax`: the softmax of quantised numbers (com.microsoft QLinearSoftmax-1).
///
/// X, its scale and zero point, scale and zero point of Y -> Y like X. `opset` is the version of Softmax that `axis`
/// belongs to.
public struct QLinearSoftmax: LinearQuantizedOperator {
    public let name = "QLinearSoftmax"
    var function: any Operator { Softmax() }
    var resultScale: Int { 3 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 5...5, .optional("axis", .int), .required("opset", .int))
    }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0)] }

    func functionOpset(_ context: OperatorContext) throws(OperatorError) -> Int {
        try context.int("opset", default: 13)
    }
}
