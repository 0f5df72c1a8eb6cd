import Glibc
import GraphIR

/// `Selu`: y = gamma * x for x > 0, gamma * alpha * (exp(x) - 1) otherwise, elementwise (ONNX Selu-1, 6, 22).
public struct Selu: ElementwiseUnary {
    public let name = "Selu"
    public let versions = [1, 6, 22]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float), .optional("gamma", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 1.673_263_2))
        let gamma = Double(try context.float("gamma", default: 1.050_701))
        return { gamma * ($0 > 0 ? $0 : alpha * expm1($0)) }
    }
}
