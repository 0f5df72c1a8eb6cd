import Glibc
import GraphIR

/// `ReduceLogSum`: the logarithm of the sum along some axes (ONNX ReduceLogSum-1, 11, 13, 18, 28).
public struct ReduceLogSum: Reduction {
    public let name = "ReduceLogSum"
    public let versions = [1, 11, 13, 18, 28]
    public let identity = 0.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        accumulated + element
    }

    public func finish(_ accumulated: Double, count: Int) -> Double { log(accumulated) }
}
