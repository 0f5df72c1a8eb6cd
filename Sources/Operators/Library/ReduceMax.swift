import GraphIR

/// `ReduceMax`: the largest element, NaN if any is NaN, along some axes (ONNX ReduceMax-1, 11, 12, 13, 18,
/// 20).
public struct ReduceMax: Reduction {
    public let name = "ReduceMax"
    public let versions = [1, 11, 12, 13, 18, 20]
    public let identity = -Double.infinity

    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        accumulated.isNaN || element.isNaN ? .nan : max(accumulated, element)
    }

    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { (.min, { max($0, $1) }) }
}
