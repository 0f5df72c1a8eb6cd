import Glibc
import GraphIR

/// `Softplus`: y = ln(exp(x) + 1), elementwise (ONNX Softplus-1, 22).
public struct Softplus: ElementwiseUnary {
    public let name = "Softplus"
    public let versions = [1, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { max($0, 0) + log1p(exp(-abs($0))) }
    }
}
