/// An error as the user sees it: one line that says where, what is wrong, and what to do.
public struct Diagnostic: Sendable, Equatable {
    /// The kind of failure; the command line maps each to one exit code.
    public enum Category: Sendable {
        /// A check ran and failed (exit code 1).
        case checkFailed
        /// The command was used wrongly (64).
        case usage
        /// The data are malformed or of an unsupported kind (65).
        case badData
        /// An input does not exist or cannot be opened (66).
        case noInput
        /// An output cannot be created (73).
        case cannotCreate
        /// Writing an output failed part way (74).
        case writeFailed
    }

    /// The kind of failure.
    public var category: Category
    /// The file, if it is known. Whoever knows it fills it in.
    public var file: String?
    /// The place within the file, such as `node "conv1" (Conv)`.
    public var place: String?
    /// The problem, as the rest of a sentence about the place.
    public var problem: String
    /// The advice to the user.
    public var remedy: String?

    /// A diagnostic of the given parts.
    public init(
        _ category: Category, file: String? = nil, place: String? = nil, problem: String,
        remedy: String? = nil
    ) {
        self.category = category
        self.file = file
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }

    /// The most Unicode scalars of a line: 300 with the command's name before it.
    public static let longestLine = 280

    /// The parts on one line of at most `longestLine`.
    ///
    /// Names, paths and attributes from a file may hold anything, even megabytes. Control characters are
    /// escaped, and a long line is shortened by cutting out middles: first of texts in quotation marks, then
    /// of the longest parts, so that file and remedy stay readable.
    public var line: String {
        var parts = [file, place, problem].compactMap { $0 }
        let remedyMark = remedy == nil ? "" : "; "
        if let remedy { parts.append(remedy) }
        let room = Diagnostic.longestLine - 2 * (parts.count - 1)
        parts = parts.map { $0.abbreviated(to: 4 * Diagnostic.longestLine).escapingControlCharacters }
        if parts.isLonger(than: room) { parts = parts.map { $0.abbreviatingQuotations(to: 48) } }
        if parts.isLonger(than: room) { parts = parts.fitted(into: room) }
        let last = remedy == nil ? "" : parts.removeLast()
        return parts.joined(separator: ": ") + remedyMark + last
    }
}

/// An error that can be shown to a user as one line.
public protocol DiagnosableError: Error, Sendable, CustomStringConvertible {
    var diagnostic: Diagnostic { get }
}

extension DiagnosableError {
    public var description: String { diagnostic.line }
}
