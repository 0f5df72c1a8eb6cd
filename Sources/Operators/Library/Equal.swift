import GraphIR

/// `Equal`: C = A == B, elementwise with broadcasting, as booleans (ONNX Equal-7, 11, 13, 19).
public struct Equal: Comparison {
    public let name = "Equal"
    public let versions = [7, 11, 13, 19]

    public func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a == b }

    /// 1 where two extents are known to be equal, 0 where they are known to differ.
    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        context.zippedExtents(0, 1) { a, b in
            switch (a, b) {
            case (.fixed(let x), .fixed(let y)): .fixed(x == y ? 1 : 0)
            // A symbol stands for an extent, which is never negative.
            case (.symbol, .fixed(let x)) where x < 0: 0
            case (.fixed(let x), .symbol) where x < 0: 0
            default: a.isKnownEqual(to: b) ? 1 : .unknown
            }
        }
    }
}
