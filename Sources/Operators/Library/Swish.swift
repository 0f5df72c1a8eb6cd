import Glibc
import GraphIR

/// `Swish`: y = x * sigmoid(alpha * x), elementwise; alpha is 1 by default (ONNX Swish-24).
public struct Swish: ElementwiseUnary {
    public let name = "Swish"
    public let versions = [24]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 1))
        return { $0 / (1 + exp(-alpha * $0)) }
    }
}
