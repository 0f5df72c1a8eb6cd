import Glibc
import GraphIR

/// `Acosh`: y = arcosh(x), NaN below 1, elementwise (ONNX Acosh-9, 22).
public struct Acosh: ElementwiseUnary {
    public let name = "Acosh"
    public let versions = [9, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { acosh($0) }
    }
}
