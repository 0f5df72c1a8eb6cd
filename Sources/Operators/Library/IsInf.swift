import GraphIR

/// `IsInf`: whether x is infinite, elementwise, as booleans (ONNX IsInf-10, 20).
///
/// `detect_negative` and `detect_positive` (both 1 by default) select the infinities that count.
public struct IsInf: ElementwisePredicate {
    public let name = "IsInf"
    public let versions = [10, 20]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 1...1, .optional("detect_negative", .flag), .optional("detect_positive", .flag))
    }

    public func holds(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Bool {
        let negative = try context.flag("detect_negative", default: true)
        let positive = try context.flag("detect_positive", default: true)
        return { (positive && $0 == .infinity) || (negative && $0 == -.infinity) }
    }
}
