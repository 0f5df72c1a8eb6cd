import Glibc
import GraphIR

/// `Erf`: y = erf(x), the Gauss error function, elementwise (ONNX Erf-9, 13).
public struct Erf: ElementwiseUnary {
    public let name = "Erf"
    public let versions = [9, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { erf($0) }
    }
}
