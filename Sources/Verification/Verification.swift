import GraphIR
import Runtime

/// The results of verifying a conversion, check by check.
public struct Verification: Sendable {
    /// The checks in the order of their numbers.
    public let checks: [VerificationCheck]
    /// The first node that cannot be run, such as a Loop in the head; nil if both graphs were run as a whole. What
    /// does not depend on such nodes was checked.
    public let boundary: Reach.Boundary?

    /// Whether no check failed. A check that does not apply does not count.
    public var passed: Bool { checks.allSatisfy { $0.outcome != .failed } }

    /// The check of that kind; nil if verification ended before it.
    public func check(_ kind: VerificationCheck.Kind) -> VerificationCheck? {
        checks.first { $0.kind == kind }
    }

    /// The first check that failed.
    public var failure: VerificationCheck? { checks.first { $0.outcome == .failed } }
}

/// The outcome of one check.
public struct VerificationCheck: Sendable {
    /// The outcome of a check.
    public enum Outcome: String, Sendable {
        case passed, failed
        /// The part that could be checked passed; the summary says where the check had to stop.
        case inPart = "in part"
        /// The result was measured but had no requirement; the summary holds the measurement.
        case measured
        /// The check could not be made; the summary says why.
        case notApplicable = "not applicable"
    }

    /// The checks, by the numbers that docs/verification.md gives them.
    public enum Kind: Int, Sendable, CaseIterable {
        case validity = 1
        case signature, prefix, blocks, batch, drift, integers

        /// The subject of the check, in a few words.
        public var title: String {
            switch self {
            case .validity: "valid graph, static shapes"
            case .signature: "same inputs and outputs"
            case .prefix: "unchanged before the first MoD block"
            case .blocks: "MoD blocks compute their definition"
            case .batch: "a batch equals its samples"
            case .drift: "drift of the outputs"
            case .integers: "integers are those of the definition"
            }
        }
    }

    /// The subject of the check.
    public let kind: Kind
    /// The outcome of the check.
    public let outcome: Outcome
    /// One line that says what was compared, with figures.
    public let summary: String
    /// Further lines, such as one for each block.
    public let details: [String]
    /// The numbers of the summary, for JSON.
    public let figures: [Figure]

    /// A named number.
    public struct Figure: Sendable {
        /// The meaning of the number.
        public let name: String
        /// The value.
        public let value: Double
    }
}

/// The settings of a verification.
public struct VerificationOptions: Sendable {
    /// The number of seeded inputs to run.
    public var samples: Int
    /// The seed of the inputs.
    public var seed: UInt64
    /// The threads that share the work; nil for all processors. Results do not depend on it.
    public var threads: Int?
    /// Inputs to run instead of seeded ones: one dictionary of tensors by name for each run.
    public var inputs: [[String: Tensor]]?
    /// Turns check 6 from a measurement into a check: the share of samples whose argmax must agree, 0...1.
    public var minimumAgreement: Double?
    /// The limits of each run.
    public var limits: RunLimits

    /// Options; the default is one seeded input.
    public init(
        samples: Int = 1, seed: UInt64 = 0, threads: Int? = nil, inputs: [[String: Tensor]]? = nil,
        minimumAgreement: Double? = nil, limits: RunLimits = RunLimits()
    ) {
        self.samples = samples
        self.seed = seed
        self.threads = threads
        self.inputs = inputs
        self.minimumAgreement = minimumAgreement
        self.limits = limits
    }
}

/// Tolerances of the checks: the differences that fp32 arithmetic in another order may cause.
public enum Tolerance {
    /// Largest difference over the largest magnitude of the reference, for values that should be equal up to
    /// the order of summation.
    public static let relative = 1e-4
    /// Scores this close may swap places between two correct evaluations.
    public static let scoreTie = 1e-6
}
