/// `Hardmax`: 1 at the largest element along an axis (the first of several), 0 elsewhere (ONNX Hardmax-1, 11,
/// 13).
public struct Hardmax: SoftmaxFamily {
    public let name = "Hardmax"

    public func normalise(_ row: [Double]) -> [Double] {
        var largest = 0
        for index in row.indices where row[index] > row[largest] { largest = index }
        return row.indices.map { $0 == largest ? 1 : 0 }
    }
}
