import GraphIR

/// `GlobalMaxPool`: the largest element of each channel (ONNX GlobalMaxPool-1, 22).
///
/// X [N, C, D1...Dn] -> Y [N, C, 1...1].
public struct GlobalMaxPool: GlobalPooling {
    public let name = "GlobalMaxPool"

    public func pool(_ plane: ArraySlice<Double>) -> Double {
        plane.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
    }
}
