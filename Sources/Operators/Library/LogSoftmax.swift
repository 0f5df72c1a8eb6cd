import Glibc

/// `LogSoftmax`: y = x - ln(sum(exp(x))) along an axis (ONNX LogSoftmax-1, 11, 13).
public struct LogSoftmax: SoftmaxFamily {
    public let name = "LogSoftmax"

    public func value(_ x: Double, sum: Double) -> Double { x - log(sum) }
}
