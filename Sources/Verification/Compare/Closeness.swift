import GraphIR

/// Whether a tensor is what was expected, by NumPy's rule (`assert_allclose`), which ONNX's own test runner
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

    /// What was allowed.
    public let tolerance: Tolerance

    /// How far an element may be from what was expected.
    public struct Tolerance: Sendable, Equatable {
        /// In terms of the expected element's magnitude.
        public let relative: Double
        /// In addition.
        public let absolute: Double

        /// A tolerance of both parts.
        public init(relative: Double, absolute: Double) {
            self.relative = relative
            self.absolute = absolute
        }
    }

    /// Whether every element is within the tolerance.
    public var isClose: Bool { mismatches == 0 && problem == nil }

    /// Compares element by element; other types or shapes are a problem, no mismatch.
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
