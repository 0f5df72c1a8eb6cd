import Glibc
import GraphIR

/// `Asin`: y = arcsin(x) in radians, NaN outside [-1, 1], elementwise (ONNX Asin-7, 22).
public struct Asin: ElementwiseUnary {
    public let name = "Asin"
    public let versions = [7, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { asin($0) }
    }
}
