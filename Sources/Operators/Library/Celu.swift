import Glibc
import GraphIR

/// `Celu`: y = max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0), elementwise (ONNX Celu-12, 28).
public struct Celu: ElementwiseUnary {
    public let name = "Celu"
    public let versions = [12, 28]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 1))
        return { max($0, 0) + min(alpha * expm1($0 / alpha), 0) }
    }
}
