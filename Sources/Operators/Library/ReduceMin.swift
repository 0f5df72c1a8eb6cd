import GraphIR

/// `ReduceMin`: the smallest element, NaN if any is NaN, along some axes (ONNX ReduceMin-1, 11, 12, 13, 18,
/// 20).
public struct ReduceMin: Reduction {
    public let name = "ReduceMin"
    public let versions = [1, 11, 12, 13, 18, 20]
    public let identity = Double.infinity

    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        accumulated.isNaN || element.isNaN ? .nan : min(accumulated, element)
    }

    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { (.max, { min($0, $1) }) }
}
