/// What a user is told about an error: one line that says where, what, and what to do.
public struct Diagnostic: Sendable, Equatable {
    /// What kind of failure it is; the command line maps each to one exit code.
    public enum Category: Sendable {
        /// A check was made and failed (exit code 1).
        case checkFailed
        /// The command was used wrongly (64).
        case usage
        /// The data are malformed or of a kind that is not handled (65).
        case badData
        /// An input does not exist or cannot be opened (66).
        case noInput
        /// An output cannot be created (73).
        case cannotCreate
        /// Writing an output failed part way (74).
        case writeFailed
    }

    /// What kind of failure it is.
    public var category: Category
    /// The file, where one is known. Whoever knows it fills it in.
    public var file: String?
    /// The place within the file, such as `node "conv1" (Conv)`.
    public var place: String?
    /// What is wrong, as the rest of a sentence about the place.
    public var problem: String
    /// What the user can do about it.
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

    /// What a line takes at most, in Unicode scalars: with the command's name before it, 300.
    public static let longestLine = 280

    /// The parts on one line of at most `longestLine`.
    ///
    /// Names, paths and attributes from a file may hold anything, megabytes included: control characters are
    /// escaped, and what is too long is cut in its middle, first what stands in quotation marks, then the longest
    /// parts, so that file and remedy stay readable.
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

/// An error that can be told to a user as one line.
public protocol DiagnosableError: Error, Sendable, CustomStringConvertible {
    var diagnostic: Diagnostic { get }
}

extension DiagnosableError {
    public var description: String { diagnostic.line }
}
