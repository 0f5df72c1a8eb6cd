import GraphIR

/// `ReduceSumSquare`: the sum of squares along some axes (ONNX ReduceSumSquare-1, 11, 13, 18).
public struct ReduceSumSquare: Reduction {
    public let name = "ReduceSumSquare"
    public let versions = [1, 11, 13, 18]
    public let identity = 0.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        accumulated + element * element
    }

    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { (0, { $0 &+ $1 &* $1 }) }
}
