import Glibc
import GraphIR

/// `Cosh`: y = cosh(x), elementwise (ONNX Cosh-9, 22).
public struct Cosh: ElementwiseUnary {
    public let name = "Cosh"
    public let versions = [9, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { cosh($0) }
    }
}
