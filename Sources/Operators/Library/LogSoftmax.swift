import Glibc

/// `LogSoftmax`: y = x - ln(sum(exp(x))) along an axis (ONNX LogSoftmax-1, 11, 13).
public struct LogSoftmax: SoftmaxFamily {
    public let name = "LogSoftmax"

    public func normalise(_ row: [Double]) -> [Double] {
        let (row, sum) = shifted(row)
        return row.map { $0 - log(sum) }
    }
}
