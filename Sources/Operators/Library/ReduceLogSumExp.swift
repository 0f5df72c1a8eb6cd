import Glibc
import GraphIR

/// `ReduceLogSumExp`: ln(sum(exp(x))) along some axes, without overflow (ONNX ReduceLogSumExp-1, 11, 13, 18,
/// 28).
public struct ReduceLogSumExp: Reduction {
    public let name = "ReduceLogSumExp"
    public let versions = [1, 11, 13, 18, 28]
    public let identity = -Double.infinity

    /// ln(exp(a) + exp(b)).
    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        guard !accumulated.isNaN, !element.isNaN else { return .nan }
        let (low, high) = accumulated < element ? (accumulated, element) : (element, accumulated)
        return high.isInfinite ? high : high + log1p(exp(low - high))
    }
}
