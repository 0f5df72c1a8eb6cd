import GraphIR

/// `IsInf`: whether x is infinite, elementwise, as booleans (ONNX IsInf-10, 20).
///
/// `detect_negative` and `detect_positive` (both 1 by default) say which infinity counts.
public struct IsInf: ElementwisePredicate {
    public let name = "IsInf"
    public let versions = [10, 20]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("detect_negative", .int), .optional("detect_positive", .int))
    }

    public func holds(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Bool {
        let negative = try context.int("detect_negative", default: 1) != 0
        let positive = try context.int("detect_positive", default: 1) != 0
        return { (positive && $0 == .infinity) || (negative && $0 == -.infinity) }
    }
}
