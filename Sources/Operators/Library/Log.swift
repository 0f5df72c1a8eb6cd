import Glibc
import GraphIR

/// `Log`: y = ln(x), elementwise (ONNX Log-1, 6, 13).
public struct Log: ElementwiseUnary {
    public let name = "Log"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { log($0) }
    }
}
