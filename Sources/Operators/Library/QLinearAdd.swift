import GraphIR

/// `QLinearAdd`: the sum of quantised numbers, with broadcasting (com.microsoft QLinearAdd-1).
///
/// A, its scale and zero point, B, its scale and zero point, scale and zero point of C -> C.
public struct QLinearAdd: LinearQuantizedOperator {
    public let name = "QLinearAdd"
    var function: any Operator { Add() }
    var resultScale: Int { 6 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 7...8) }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0), .quantized(3)] }
}
