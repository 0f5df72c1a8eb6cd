import GraphIR

/// `QLinearLeakyRelu`: quantised numbers, the negative ones times `alpha`, 0.01 by default
/// (com.microsoft QLinearLeakyRelu-1).
///
/// X, its scale and zero point, scale and zero point of Y -> Y like X.
public struct QLinearLeakyRelu: LinearQuantizedOperator {
    public let name = "QLinearLeakyRelu"
    var function: any Operator { LeakyRelu() }
    var resultScale: Int { 3 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 4...5, .optional("alpha", .float))
    }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0)] }
}
