import GraphIR

/// `Shrink`: y = x + bias for x < -lambd, x - bias for x > lambd, 0 between, elementwise (ONNX Shrink-9).
///
/// Integers are computed as real numbers, and fractions are then dropped.
public struct Shrink: ElementwiseUnary {
    public let name = "Shrink"
    public let versions = [9]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("bias", .float), .optional("lambd", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let bias = Double(try context.float("bias", default: 0))
        let threshold = Double(try context.float("lambd", default: 0.5))
        return { $0 < -threshold ? $0 + bias : $0 > threshold ? $0 - bias : 0 }
    }

    public func integerFunction(_ context: OperatorContext) throws(OperatorError) -> ((Int) -> Int)? {
        let shrink = try function(context)
        return { shrink(Double($0)).truncatedToInt }
    }
}
