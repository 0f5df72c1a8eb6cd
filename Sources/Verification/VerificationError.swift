import GraphIR

/// A verification that cannot be done.
public enum VerificationError: DiagnosableError, Equatable {
    case inputShape(String, String)
    case inputSize(String, String)
    case manifest(String)

    public var diagnostic: Diagnostic {
        switch self {
        case .inputShape(let name, let shape):
            Diagnostic(
                .badData, place: "input \"\(name)\"",
                problem: "its shape (\(shape)) is not known, so no input can be made up",
                remedy: "fix it with --input-shape \(name)=SHAPE")
        case .inputSize(let name, let shape):
            Diagnostic(
                .badData, place: "input \"\(name)\"",
                problem: "its shape (\(shape)) is too large to make up inputs of",
                remedy: "export the model for a smaller input")
        case .manifest(let problem):
            Diagnostic(
                .badData, place: "manifest", problem: problem, remedy: "convert the source file again")
        }
    }
}
