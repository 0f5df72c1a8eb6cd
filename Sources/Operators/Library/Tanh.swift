import Glibc
import GraphIR

/// `Tanh`: y = tanh(x), elementwise (ONNX Tanh-1, 6, 13).
public struct Tanh: ElementwiseUnary {
    public let name = "Tanh"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { tanh($0) }
    }
}
