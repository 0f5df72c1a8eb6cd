#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that cannot be opened, read or written.
public struct FileError: DiagnosableError, Equatable {
    /// The kind of failure; each has an exit code.
    public enum Kind: Sendable {
        case missing, notRegular, unreadable, cannotCreate, alreadyExists, writeFailed
    }

    /// The file, as the caller named it.
    public let path: String
    /// The kind of failure.
    public let kind: Kind
    /// The problem, as the end of a sentence that starts with the file's name.
    public let problem: String

    /// An error about the file at `path`.
    public init(path: String, kind: Kind, problem: String) {
        self.path = path
        self.kind = kind
        self.problem = problem
    }

    init(reading path: String, errno code: Int32) {
        self.init(
            path: path, kind: code == ENOENT || code == ENOTDIR ? .missing : .unreadable,
            problem: "cannot be read: \(String(cString: strerror(code)))")
    }

    init(creating path: String, errno code: Int32) {
        self.init(
            path: path, kind: .cannotCreate,
            problem: "cannot be created: \(String(cString: strerror(code)))")
    }

    init(writing path: String, errno code: Int32) {
        self.init(
            path: path, kind: .writeFailed,
            problem: "cannot be written: \(String(cString: strerror(code)))")
    }

    public var diagnostic: Diagnostic {
        switch kind {
        case .missing: Diagnostic(.noInput, file: path, problem: "no such file", remedy: "check the path")
        case .notRegular:
            Diagnostic(.noInput, file: path, problem: problem, remedy: "name a file")
        case .unreadable: Diagnostic(.noInput, file: path, problem: problem, remedy: "check its permissions")
        case .cannotCreate:
            Diagnostic(
                .cannotCreate, file: path, problem: problem,
                remedy: "name a file in a folder that exists and can be written")
        case .alreadyExists:
            Diagnostic(
                .cannotCreate, file: path, problem: problem,
                remedy: "choose another name with -o, or replace it with --force")
        case .writeFailed:
            Diagnostic(.writeFailed, file: path, problem: problem, remedy: "free some space and try again")
        }
    }
}
