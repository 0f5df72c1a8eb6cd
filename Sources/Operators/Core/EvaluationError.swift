import GraphIR

/// Inputs that do not fit a graph, or a node that cannot be run.
public enum EvaluationError: DiagnosableError, Equatable {
    case missingInput(String)
    case unknownInput(String, expected: [String])
    case inputType(String, expected: TensorType, found: TensorType)
    case unknownTap(String)
    case unknownOperator(node: String, UnknownOperator)
    case missingOutput(node: String)

    public var diagnostic: Diagnostic {
        switch self {
        case .missingInput(let name):
            Diagnostic(
                .badData, place: "input \"\(name)\"", problem: "no tensor was given for it",
                remedy: "give one with --input \(name)=FILE")
        case .unknownInput(let name, let expected):
            Diagnostic(
                .badData, place: "input \"\(name)\"", problem: "the model has no such input",
                remedy: "its inputs are \(expected.joined(separator: ", "))")
        case .inputType(let name, let expected, let found):
            Diagnostic(
                .badData, place: "input \"\(name)\"", problem: "is \(found), the model takes \(expected)")
        case .unknownTap(let name):
            Diagnostic(.usage, place: "value \"\(name)\"", problem: "the model has no such value")
        case .unknownOperator(let node, let name): name.diagnostic(place: node)
        case .missingOutput(let node):
            Diagnostic(.badData, place: node, problem: "asks for an output that the operator does not have")
        }
    }
}
