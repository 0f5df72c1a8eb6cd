/// A change or a file that would make a graph invalid.
public enum GraphError: DiagnosableError, Equatable {
    case duplicateName(String)
    case danglingName(String, node: String)
    case cycle(String)
    case stillUsed(String)
    case capturedName(String)
    case outputConflict(String)
    case invalid(place: String, problem: String)

    public var diagnostic: Diagnostic {
        switch self {
        case .duplicateName(let name):
            Diagnostic(
                .badData, place: "value \"\(name)\"",
                problem: name.isEmpty ? "a value has no name" : "the name is defined twice",
                remedy: "export the model again")
        case .danglingName(let name, let node):
            Diagnostic(
                .badData, place: node, problem: "reads \"\(name)\", which nothing defines",
                remedy: "export the model again")
        case .cycle(let name):
            Diagnostic(
                .badData, place: "value \"\(name)\"", problem: "depends on itself",
                remedy: "export the model again")
        case .stillUsed(let name):
            Diagnostic(.badData, place: "value \"\(name)\"", problem: "is removed while it is still read")
        case .capturedName(let name):
            Diagnostic(.badData, place: "value \"\(name)\"", problem: "a subgraph reads it by its name")
        case .outputConflict(let name):
            Diagnostic(
                .badData, place: "value \"\(name)\"", problem: "is a graph output that cannot be replaced")
        case .invalid(let place, let problem):
            Diagnostic(.badData, place: place, problem: problem, remedy: "export the model again")
        }
    }
}
