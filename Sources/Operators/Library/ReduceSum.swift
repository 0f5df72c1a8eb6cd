import GraphIR

/// `ReduceSum`: the sum along some axes (ONNX ReduceSum-1, 11, 13).
public struct ReduceSum: Reduction {
    public let name = "ReduceSum"
    public let versions = [1, 11, 13]
    public let identity = 0.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double { accumulated + element }

    public var axesInputOpset: Int { 13 }

    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { (0, { $0 &+ $1 }) }
}
