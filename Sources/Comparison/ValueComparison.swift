import GraphIR
import Verification

/// One value of a model against its counterpart.
public struct ValueComparison: Sendable {
    /// The name in the first model.
    public let name: String
    /// The name on the other side.
    public let otherName: String
    /// The node that computes it in the first model, as diagnostics name it.
    public let node: String
    /// The operator of that node.
    public let operatorType: String
    /// The type in the first model, with all extents known.
    public let type: TensorType
    /// Nil if the two cannot be compared.
    public let difference: Difference?
    /// The largest distance in units in the last place; nil for integers.
    public let unitsInLastPlace: UInt64?
    /// The allowed relative difference.
    public let tolerance: Double
    /// Why the two cannot be compared.
    public let problem: String?

    /// Whether the difference is beyond the tolerance.
    public var isDivergent: Bool { difference.map { !($0.relative <= tolerance) } ?? true }
}

/// Two values that should be equal.
public struct ValuePair: Sendable, Equatable {
    /// The value's name in the first model.
    public let name: String
    /// Its name in the second.
    public let otherName: String
    /// Whether they were matched by structure, their names being different.
    public var isStructural: Bool { name != otherName }
}
