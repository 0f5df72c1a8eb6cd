import Glibc
import GraphIR

/// `Gelu`: y = x / 2 * (1 + erf(x / sqrt(2))), elementwise, or with `approximate` = `tanh`
/// y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) (ONNX Gelu-20).
public struct Gelu: ElementwiseUnary {
    public let name = "Gelu"
    public let versions = [20]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("approximate", .string))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        switch try context.string("approximate") ?? "none" {
        case "none": return { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }
        case "tanh":
            let scale = (2 / Double.pi).squareRoot()
            return { $0 / 2 * (1 + tanh(scale * ($0 + 0.044715 * $0 * $0 * $0))) }
        case let other: throw context.error(.attribute, "approximate \"\(other)\" is unknown")
        }
    }
}
