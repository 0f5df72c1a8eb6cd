import Glibc
import GraphIR

/// `Asinh`: y = arsinh(x), elementwise (ONNX Asinh-9, 22).
public struct Asinh: ElementwiseUnary {
    public let name = "Asinh"
    public let versions = [9, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { asinh($0) }
    }
}
