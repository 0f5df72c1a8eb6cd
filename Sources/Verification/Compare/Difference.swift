import GraphIR

/// The difference of two tensors of one shape.
public struct Difference: Sendable, Equatable {
    /// The largest absolute difference of two elements.
    public let maxAbsolute: Double
    /// The largest absolute difference over the largest magnitude of the reference (0 if both are zero).
    public let relative: Double
    /// The cosine of the angle between the two; 1 if both are zero.
    public let cosine: Double

    /// The difference of two tensors with the same bytes.
    private static let zero = Difference([0.0], [0.0])

    /// Compares `value` with `reference`.
    ///
    /// A NaN or an infinity on one side only, or infinities of different sign, count as an infinite
    /// difference. The same on both sides counts as equal.
    ///
    /// - Returns: nil if the shapes or element types differ, or the elements are not numbers.
    public init?(_ value: Tensor, from reference: Tensor) {
        guard value.shape == reference.shape, value.elementType == reference.elementType else { return nil }
        if let a = value.integers, let b = reference.integers {
            self.init(a.map(Double.init), b.map(Double.init))
        } else if value.elementType == .float32 {
            // In place: a network's values are large, and nothing needs to be copied.
            let difference =
                value.bytes == reference.bytes
                ? Difference.zero
                : try? value.withElements(of: Float.self) { a in
                    try reference.withElements(of: Float.self) { b in Difference(a, b) }
                }
            guard let difference else { return nil }
            self = difference
        } else if let a = value.doubles, let b = reference.doubles {
            self.init(a, b)
        } else {
            return nil
        }
    }

    init<Elements: RandomAccessCollection>(_ values: Elements, _ references: Elements)
    where Elements.Element: BinaryFloatingPoint {
        var (largest, scale, dot, normA, normB) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (value, reference) in zip(values, references) {
            let (a, b) = (Double(value), Double(reference))
            guard a.isFinite, b.isFinite else {
                if a != b, !(a.isNaN && b.isNaN) { largest = .infinity }
                continue
            }
            largest = max(largest, abs(a - b))
            scale = max(scale, abs(b))
            dot += a * b
            normA += a * a
            normB += b * b
        }
        maxAbsolute = largest
        relative = largest == 0 ? 0 : scale == 0 ? .infinity : largest / scale
        let product = (normA * normB).squareRoot()
        cosine = product == 0 ? (normA == normB ? 1 : 0) : dot / product
    }
}
