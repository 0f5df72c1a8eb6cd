import Glibc
import GraphIR

/// `Elu`: y = x for x >= 0, alpha * (exp(x) - 1) below, elementwise (ONNX Elu-1, 6, 22).
public struct Elu: ElementwiseUnary {
    public let name = "Elu"
    public let versions = [1, 6, 22]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("alpha", .float))
    }

    public func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double {
        let alpha = Double(try context.float("alpha", default: 1))
        return { $0 < 0 ? alpha * expm1($0) : $0 }
    }
}
