import GraphIR

/// `QLinearWhere`: quantised numbers of X where the condition holds, of Y elsewhere, with broadcasting
/// (com.microsoft QLinearWhere-1).
///
/// Condition, X, its scale and zero point, Y, its scale and zero point, scale and zero point of Z -> Z.
public struct QLinearWhere: LinearQuantizedOperator {
    public let name = "QLinearWhere"
    var function: any Operator { Where() }
    var resultScale: Int { 7 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 9...9) }

    func operands(inputCount: Int) -> [LinearOperand] { [.plain(0), .quantized(1), .quantized(4)] }
}
