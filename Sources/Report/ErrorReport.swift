import GraphIR

/// An error, where the results would have been.
public struct ErrorReport: JSONDocument, Sendable {
    public static let schema = "error/1"

    /// `check failed`, `usage`, `bad data`, `no input`, `cannot create` or `write failed`.
    let category: String
    let exitCode: Int
    /// The line on standard error, without the command's name.
    let message: String
    let file: String?
    let place: String?
    let problem: String
    let remedy: String?

    /// - Parameter exitCode: what the process ends with.
    public init(_ diagnostic: Diagnostic, exitCode: Int32) {
        category = ErrorReport.name(diagnostic.category)
        self.exitCode = Int(exitCode)
        message = diagnostic.line
        file = diagnostic.file
        place = diagnostic.place
        problem = diagnostic.problem
        remedy = diagnostic.remedy
    }

    private static func name(_ category: Diagnostic.Category) -> String {
        switch category {
        case .checkFailed: "check failed"
        case .usage: "usage"
        case .badData: "bad data"
        case .noInput: "no input"
        case .cannotCreate: "cannot create"
        case .writeFailed: "write failed"
        }
    }
}
