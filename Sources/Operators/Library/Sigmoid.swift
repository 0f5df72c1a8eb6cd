import Glibc
import GraphIR

/// `Sigmoid`: y = 1 / (1 + exp(-x)), elementwise (ONNX Sigmoid-1, 6, 13).
public struct Sigmoid: ElementwiseUnary {
    public let name = "Sigmoid"
    public let versions = [1, 6, 13]

    public func function(_ context: OperatorContext) -> (Double) -> Double {
        { 1 / (1 + exp(-$0)) }
    }
}
