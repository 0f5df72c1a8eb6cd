import Glibc
import GraphIR

/// `Mish`: y = x * tanh(ln(1 + exp(x))), elementwise (ONNX Mish-18, 22).
public struct Mish: ElementwiseUnary {
    public let name = "Mish"
    public let versions = [18, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { $0 * tanh(log1p(exp($0))) }
    }
}
