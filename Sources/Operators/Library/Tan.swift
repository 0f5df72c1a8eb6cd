import Glibc
import GraphIR

/// `Tan`: y = tan(x), x in radians, elementwise (ONNX Tan-7, 22).
public struct Tan: ElementwiseUnary {
    public let name = "Tan"
    public let versions = [7, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { tan($0) }
    }
}
