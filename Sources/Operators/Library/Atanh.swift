import Glibc
import GraphIR

/// `Atanh`: y = artanh(x), NaN outside [-1, 1], elementwise (ONNX Atanh-9, 22).
public struct Atanh: ElementwiseUnary {
    public let name = "Atanh"
    public let versions = [9, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { atanh($0) }
    }
}
