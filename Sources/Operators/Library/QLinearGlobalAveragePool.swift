import GraphIR

/// `QLinearGlobalAveragePool`: the means of the channels of quantised images
/// (com.microsoft QLinearGlobalAveragePool-1).
///
/// X [N, C, D1...Dn], its scale and zero point, scale and zero point of Y -> Y [N, C, 1...1].
public struct QLinearGlobalAveragePool: LinearQuantizedOperator {
    public let name = "QLinearGlobalAveragePool"
    var function: any Operator { GlobalAveragePool() }
    var resultScale: Int { 3 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 5...5, .optional("channels_last", .int))
    }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0)] }

    func check(_ context: OperatorContext) throws(OperatorError) { try context.requireChannelsFirst() }
}
