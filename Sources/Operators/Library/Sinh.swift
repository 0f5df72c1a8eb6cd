import Glibc
import GraphIR

/// `Sinh`: y = sinh(x), elementwise (ONNX Sinh-9, 22).
public struct Sinh: ElementwiseUnary {
    public let name = "Sinh"
    public let versions = [9, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { sinh($0) }
    }
}
