import GraphIR

/// `ReduceL2`: the square root of the sum of squares along some axes (ONNX ReduceL2-1, 11, 13, 18).
public struct ReduceL2: Reduction {
    public let name = "ReduceL2"
    public let versions = [1, 11, 13, 18]
    public let identity = 0.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double {
        accumulated + element * element
    }

    public func finish(_ accumulated: Double, count: Int) -> Double { accumulated.squareRoot() }
}
