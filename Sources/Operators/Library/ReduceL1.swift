import GraphIR

/// `ReduceL1`: the sum of absolute values along some axes (ONNX ReduceL1-1, 11, 13, 18).
public struct ReduceL1: Reduction {
    public let name = "ReduceL1"
    public let versions = [1, 11, 13, 18]
    public let identity = 0.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        accumulated + abs(element)
    }

    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? {
        (0, { $0 &+ ($1 < 0 ? 0 &- $1 : $1) })
    }
}
