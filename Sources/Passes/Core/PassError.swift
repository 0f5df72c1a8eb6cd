import GraphIR

/// An error raised by a pass, with the pass's name and, if there is one, the node it was rewriting.
public struct PassError: DiagnosableError {
    /// The pass's name.
    public let pass: String
    /// The node as diagnostics name it.
    public let node: String?
    /// The error itself.
    public let underlying: any Error

    init(pass: String, node: String? = nil, _ underlying: any Error) {
        self.pass = pass
        self.node = node
        self.underlying = underlying
    }

    /// `error` itself if it already names its pass.
    static func wrapping(_ error: any Error, pass: String) -> PassError {
        error as? PassError ?? PassError(pass: pass, error)
    }

    public var diagnostic: Diagnostic {
        guard let known = (underlying as? any DiagnosableError)?.diagnostic else {
            return Diagnostic(.badData, place: node, problem: "pass \(pass): \(underlying)")
        }
        let place = known.place == node ? nil : known.place
        let problem = [place, known.problem].compactMap { $0 }.joined(separator: ": ")
        return Diagnostic(
            known.category, file: known.file, place: node, problem: "pass \(pass): \(problem)",
            remedy: known.remedy)
    }
}
