import Glibc
import GraphIR

/// `Acos`: y = arccos(x) in radians, NaN outside [-1, 1], elementwise (ONNX Acos-7, 22).
public struct Acos: ElementwiseUnary {
    public let name = "Acos"
    public let versions = [7, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { acos($0) }
    }
}
