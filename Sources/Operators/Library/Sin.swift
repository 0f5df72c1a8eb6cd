import Glibc
import GraphIR

/// `Sin`: y = sin(x), x in radians, elementwise (ONNX Sin-7, 22).
public struct Sin: ElementwiseUnary {
    public let name = "Sin"
    public let versions = [7, 22]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { sin($0) }
    }
}
