import GraphIR

/// `QLinearConcat`: quantised tensors concatenated along `axis`, in one quantisation (com.microsoft QLinearConcat-1).
///
/// Scale and zero point of Y, then each tensor with its scale and zero point -> Y.
public struct QLinearConcat: LinearQuantizedOperator {
    public let name = "QLinearConcat"
    var function: any Operator { Concat() }
    var resultScale: Int { 0 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 3...OperatorSchema.unbounded, .required("axis", .int))
    }

    func operands(inputCount: Int) -> [LinearOperand] {
        stride(from: 2, to: inputCount, by: 3).map(LinearOperand.quantized)
    }
}
