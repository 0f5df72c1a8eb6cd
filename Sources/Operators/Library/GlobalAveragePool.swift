import GraphIR

/// `GlobalAveragePool`: the mean of each channel (ONNX GlobalAveragePool-1, 22).
///
/// X [N, C, D1...Dn] -> Y [N, C, 1...1].
public struct GlobalAveragePool: GlobalPooling {
    public let name = "GlobalAveragePool"

    public func pool(_ plane: ArraySlice<Double>) -> Double {
        plane.reduce(0, +) / Double(plane.count)
    }
}
