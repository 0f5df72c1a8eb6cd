import Glibc

/// `Softmax`: y = exp(x) / sum(exp(x)) along an axis (ONNX Softmax-1, 11, 13).
public struct Softmax: SoftmaxFamily {
    public let name = "Softmax"

    public func normalise(_ row: [Double]) -> [Double] {
        let (row, sum) = shifted(row)
        return row.map { exp($0) / sum }
    }
}
