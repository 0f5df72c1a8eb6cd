import Glibc
import GraphIR

/// `Exp`: y = exp(x), elementwise (ONNX Exp-1, 6, 13).
public struct Exp: ElementwiseUnary {
    public let name = "Exp"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { exp($0) }
    }
}
