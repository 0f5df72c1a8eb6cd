import GraphIR

/// Distances of floating-point numbers in units in the last place: the number of steps between adjacent
/// numbers of the type.
public enum UnitsInLastPlace {
    /// The largest distance of two tensors' elements; nil unless both are float16, float or double of one
    /// shape.
    ///
    /// 0 and -0 have distance 0. A NaN on one side only has the largest possible distance; NaN on both sides
    /// has none.
    public static func largest(_ a: Tensor, _ b: Tensor) -> UInt64? {
        guard a.type == b.type else { return nil }
        switch a.elementType {
        case .float32:
            return largest(a, b, Float.self) { ordinal(Int64(Int32(bitPattern: $0.bitPattern)), 31) }
        case .float16:
            return largest(a, b, Float16.self) { ordinal(Int64(Int16(bitPattern: $0.bitPattern)), 15) }
        case .float64: return largest(a, b, Double.self) { ordinal(Int64(bitPattern: $0.bitPattern), 63) }
        default: return nil
        }
    }

    private static func largest<Element: TensorElement & BinaryFloatingPoint>(
        _ a: Tensor, _ b: Tensor, _: Element.Type, ordinal: (Element) -> Int64
    ) -> UInt64? {
        try? a.withElements(of: Element.self) { mine in
            try b.withElements(of: Element.self) { theirs in
                var largest: UInt64 = 0
                for (x, y) in zip(mine, theirs) where x != y {
                    guard !x.isNaN, !y.isNaN else {
                        if x.isNaN != y.isNaN { largest = .max }
                        continue
                    }
                    let (a, b) = (ordinal(x), ordinal(y))
                    largest = max(largest, UInt64(bitPattern: max(a, b) &- min(a, b)))
                }
                return largest
            }
        }
    }

    /// The position of a number, given as its bits with their sign extended, among all numbers of its type.
    private static func ordinal(_ bits: Int64, _ width: Int64) -> Int64 {
        guard bits < 0 else { return bits }
        // Negative numbers are stored as sign and magnitude: the sign bit alone is -0.
        return (Int64.min >> (63 - width)) &- bits
    }
}
