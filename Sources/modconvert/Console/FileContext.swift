import GraphIR

/// An error together with its file.
private struct LocatedError: DiagnosableError {
    let diagnostic: Diagnostic
}

/// Runs `work`; errors that do not name a file get `path`.
func about<Result>(_ path: String, _ work: () throws -> Result) throws -> Result {
    do {
        return try work()
    } catch let error as any DiagnosableError {
        guard error.diagnostic.file == nil else { throw error }
        var diagnostic = error.diagnostic
        diagnostic.file = path
        throw LocatedError(diagnostic: diagnostic)
    }
}

/// A check of this command that failed.
struct CheckFailure: DiagnosableError {
    let diagnostic: Diagnostic

    /// A failed check with its file.
    init(_ diagnostic: Diagnostic, file: String) {
        var diagnostic = diagnostic
        diagnostic.file = file
        self.diagnostic = diagnostic
    }

    init(file: String, place: String? = nil, _ problem: String) {
        diagnostic = Diagnostic(.checkFailed, file: file, place: place, problem: problem)
    }
}

/// Options that exclude each other, or arguments that have no meaning for the model.
struct UsageError: DiagnosableError {
    let diagnostic: Diagnostic

    init(_ place: String, _ problem: String, remedy: String) {
        diagnostic = Diagnostic(.usage, place: place, problem: problem, remedy: remedy)
    }
}
