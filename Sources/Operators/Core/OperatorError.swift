import GraphIR

/// A node that contradicts its operator's definition, or an operator that is not supported.
public struct OperatorError: DiagnosableError, Equatable {
    /// The kind of problem.
    public enum Kind: Sendable, Equatable {
        /// The operator, its opset version, or a mode of it is not supported.
        case unsupported
        /// An attribute is missing, of the wrong kind, or has an impossible value.
        case attribute
        /// Wrong number of inputs or outputs.
        case arity
        /// An element type that the operator does not accept.
        case elementType
        /// Shapes that contradict each other, or sizes that overflow.
        case shape
        /// Contents that are out of range, such as an index.
        case contents
        /// The cost exceeds `EvaluationBudget`.
        case limit
    }

    /// The kind of problem.
    public let kind: Kind
    /// The node as diagnostics name it.
    public let node: String
    /// The problem, as a clause.
    public let problem: String
    /// The advice to the user; nil if there is none.
    public let remedy: String?

    /// An error about the node of that label.
    public init(_ kind: Kind, node: String, _ problem: String, remedy: String? = nil) {
        self.kind = kind
        self.node = node
        self.problem = problem
        self.remedy = remedy
    }

    public var diagnostic: Diagnostic {
        let advice: String? =
            switch kind {
            case .unsupported: "export the model without this node"
            case .attribute, .arity, .elementType, .shape, .contents: "export the model again"
            case .limit: "raise the limit if the file is trusted"
            }
        return Diagnostic(.badData, place: node, problem: problem, remedy: remedy ?? advice)
    }
}
