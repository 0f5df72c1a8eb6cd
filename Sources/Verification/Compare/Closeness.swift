import GraphIR

/// Whether a tensor equals the expected one by NumPy's rule (`assert_allclose`), which ONNX's own test runner
/// applies: |value - expected| <= absolute + relative * |expected| for every element.
public struct Closeness: Sendable, Equatable {
    /// Nil if the two cannot be compared.
    public let difference: Difference?
    /// Elements that break the rule.
    public let mismatches: Int
    /// Elements that were compared.
    public let elements: Int
    /// Why the two cannot be compared.
    public let problem: String?

    /// The tolerance applied.
    public let tolerance: Tolerance

    /// The largest allowed distance of an element from the expected one.
    public struct Tolerance: Sendable, Equatable {
        /// Relative to the expected element's magnitude.
        public let relative: Double
        /// Added to the relative part.
        public let absolute: Double

        /// A tolerance with both parts.
        public init(relative: Double, absolute: Double) {
            self.relative = relative
            self.absolute = absolute
        }
    }

    /// Whether every element is within the tolerance.
    public var isClose: Bool { mismatches == 0 && problem == nil }

    /// Compares element by element; a different type or shape is a problem, not a mismatch.
    public init(_ value: Tensor, expected: Tensor, tolerance: Tolerance) {
        self.tolerance = tolerance
        elements = expected.elementCount
        difference = Difference(value, from: expected)
        guard difference != nil, let values = value.comparable, let references = expected.comparable else {
            problem =
                value.type == expected.type
                ? "\(value.type) cannot be compared" : "is \(value.type), expected \(expected.type)"
            mismatches = elements
            return
        }
        problem = nil
        mismatches = zip(values, references).count { value, reference in
            if value == reference || (value.isNaN && reference.isNaN) { return false }
            return !(abs(value - reference) <= tolerance.absolute + tolerance.relative * abs(reference))
        }
    }
}

extension Tensor {
    fileprivate var comparable: [Double]? { integers?.map(Double.init) ?? doubles }
}
