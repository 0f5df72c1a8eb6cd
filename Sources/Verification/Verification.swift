import GraphIR
import Runtime

/// What verifying a conversion found, check by check.
public struct Verification: Sendable {
    /// In the order of their numbers.
    public let checks: [VerificationCheck]
    /// The first node that cannot be run, such as an LSTM in the head; nil if both graphs were run as a whole. What
    /// does not depend on such nodes was checked.
    public let boundary: Reach.Boundary?

    /// Whether no check failed. A check that does not apply counts as neither.
    public var passed: Bool { checks.allSatisfy { $0.outcome != .failed } }

    /// The first check that failed.
    public var failure: VerificationCheck? { checks.first { $0.outcome == .failed } }
}

/// The outcome of one check.
public struct VerificationCheck: Sendable {
    /// What a check came to.
    public enum Outcome: String, Sendable {
        case passed, failed
        /// What could be checked passed; the summary says where the check had to stop.
        case inPart = "in part"
        /// The check could not be made; the summary says why.
        case notApplicable = "not applicable"
    }

    /// 1 to 6, as docs/verification.md numbers them.
    public let number: Int
    /// What is checked, in a few words.
    public let title: String
    /// Whether the check was made, and passed.
    public let outcome: Outcome
    /// One line: what was compared, with its figures.
    public let summary: String
    /// Further lines, such as one for each block.
    public let details: [String]
    /// The numbers of the summary, for machines.
    public let figures: [Figure]

    /// A computed number with its name.
    public struct Figure: Sendable {
        /// What the number is.
        public let name: String
        /// The number.
        public let value: Double
    }
}

/// How a conversion is verified.
public struct VerificationOptions: Sendable {
    /// How many seeded inputs are run.
    public var samples: Int
    /// Of the inputs.
    public var seed: UInt64
    /// The threads that share the work; nil for all processors. Results do not depend on it.
    public var threads: Int?
    /// Inputs to run instead of seeded ones: one dictionary of tensors by name for each run.
    public var inputs: [[String: Tensor]]?
    /// Makes check 6 one that can fail: the share of samples whose argmax must agree, 0...1.
    public var minimumAgreement: Double?
    /// What each run may take.
    public var limits: RunLimits

    /// Options with one seeded input, unless more is said.
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

/// Tolerances of the checks: what fp32 arithmetic in another order may differ by.
public enum Tolerance {
    /// Largest difference over the largest magnitude of the reference, for values that should be equal up to
    /// the order of summation.
    public static let relative = 1e-4
    /// Scores this close may change places between two correct evaluations.
    public static let scoreTie = 1e-6
}
