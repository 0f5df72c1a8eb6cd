import Glibc

/// `Softmax`: y = exp(x) / sum(exp(x)) along an axis (ONNX Softmax-1, 11, 13).
public struct Softmax: SoftmaxFamily {
    public let name = "Softmax"

    public func value(_ x: Double, sum: Double) -> Double { exp(x) / sum }
}
