import GraphIR

/// `QLinearAveragePool`: the means of quantised numbers under a sliding window (com.microsoft QLinearAveragePool-1).
///
/// X [N, C, D1...Dn], its scale and zero point, scale and zero point of Y -> Y [N, C, O1...On], as in `AveragePool`.
public struct QLinearAveragePool: LinearQuantizedOperator {
    public let name = "QLinearAveragePool"
    var function: any Operator { AveragePool() }
    var resultScale: Int { 3 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 4...5, .optional("auto_pad", .string), .optional("ceil_mode", .flag),
            .optional("channels_last", .int), .optional("count_include_pad", .flag),
            .required("kernel_shape", .ints), .optional("pads", .ints), .optional("strides", .ints))
    }

    func operands(inputCount: Int) -> [LinearOperand] { [.quantized(0)] }

    func check(_ context: OperatorContext) throws(OperatorError) { try context.requireChannelsFirst() }
}
