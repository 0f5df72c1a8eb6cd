import GraphIR

/// An error together with the file that it is about.
private struct LocatedError: DiagnosableError {
    let diagnostic: Diagnostic
}

/// Does `work`; errors that do not name a file are about `path`.
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

    /// A failed check as it was found, on a file.
    init(_ diagnostic: Diagnostic, file: String) {
        var diagnostic = diagnostic
        diagnostic.file = file
        self.diagnostic = diagnostic
    }

    init(file: String, place: String? = nil, _ problem: String) {
        diagnostic = Diagnostic(.checkFailed, file: file, place: place, problem: problem)
    }
}

/// Options that do not go together, or arguments that mean nothing to the model.
struct UsageError: DiagnosableError {
    let diagnostic: Diagnostic

    init(_ place: String, _ problem: String, remedy: String) {
        diagnostic = Diagnostic(.usage, place: place, problem: problem, remedy: remedy)
    }
}
