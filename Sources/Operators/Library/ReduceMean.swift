import GraphIR

/// `ReduceMean`: the mean along some axes (ONNX ReduceMean-1, 11, 13, 18).
public struct ReduceMean: Reduction {
    public let name = "ReduceMean"
    public let versions = [1, 11, 13, 18]
    public let identity = 0.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double { accumulated + element }

    public func finish(_ accumulated: Double, count: Int) -> Double { accumulated / Double(count) }
}
