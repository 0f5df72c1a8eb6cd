import GraphIR

/// A graph that cannot be tuned.
package enum TuningError: DiagnosableError, Equatable {
    /// The node has no gradient here.
    case noGradient(node: String)
    /// The value is not a map [N, C, H, W] of static size.
    case noMap(value: String)

    package var diagnostic: Diagnostic {
        switch self {
        case .noGradient(let node):
            Diagnostic(
                .badData, place: node, problem: "has no gradient in this tool",
                remedy: "leave --weights tune out")
        case .noMap(let value):
            Diagnostic(
                .badData, place: "value \"\(value)\"", problem: "is not a map of static size",
                remedy: "leave --weights tune out")
        }
    }
}
