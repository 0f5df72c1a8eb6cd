import GraphIR

/// `QLinearSigmoid`: the logistic function of quantised numbers (com.microsoft QLinearSigmoid-1).
///
/// X, its scale and zero point, scale and zero point of Y -> Y like X.
public struct QLinearSigmoid: LinearQuantizedOperator {
    public let name = "QLinearSigmoid"
    var function: any Operator { Sigmoid() }
    var resultScale: Int { 3 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 4...5) }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0)] }
}
