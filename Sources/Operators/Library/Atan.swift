import Glibc
import GraphIR

/// `Atan`: y = arctan(x) in radians, elementwise (ONNX Atan-7, 22).
public struct Atan: ElementwiseUnary {
    public let name = "Atan"
    public let versions = [7, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { atan($0) }
    }
}
