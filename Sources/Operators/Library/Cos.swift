import Glibc
import GraphIR

/// `Cos`: y = cos(x), x in radians, elementwise (ONNX Cos-7, 22).
public struct Cos: ElementwiseUnary {
    public let name = "Cos"
    public let versions = [7, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { cos($0) }
    }
}
