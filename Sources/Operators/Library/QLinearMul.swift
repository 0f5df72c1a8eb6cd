import GraphIR

/// `QLinearMul`: the product of quantised numbers, with broadcasting (com.microsoft QLinearMul-1).
///
/// A, its scale and zero point, B, its scale and zero point, scale and zero point of C -> C.
public struct QLinearMul: LinearQuantizedOperator {
    public let name = "QLinearMul"
    var function: any Operator { Mul() }
    var resultScale: Int { 6 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 7...8) }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0), .quantized(3)] }
}
