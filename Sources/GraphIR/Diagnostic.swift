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

    /// The parts on one line; control characters, which names from a file may hold, are escaped, and what is
    /// too long to read (a file may hold names of megabytes) is cut in its middle.
    public var line: String {
        let head = [file, place, problem].compactMap { $0?.abbreviated }.joined(separator: ": ")
        let whole = remedy.map { "\(head); \($0.abbreviated)" } ?? head
        return whole.escapingControlCharacters
    }
}

/// An error that can be told to a user as one line.
public protocol DiagnosableError: Error, Sendable, CustomStringConvertible {
    var diagnostic: Diagnostic { get }
}

extension DiagnosableError {
    public var description: String { diagnostic.line }
}

extension String {
    /// The text, or its beginning and end if it is longer than a screen.
    fileprivate var abbreviated: String {
        let (longest, kept) = (2000, 800)
        guard utf8.count > longest else { return self }
        return "\(String(decoding: utf8.prefix(kept), as: UTF8.self))..."
            + String(decoding: utf8.suffix(kept), as: UTF8.self)
    }

    /// The same text with what could break a line, or make it read as something else, written as `\u{..}`:
    /// control characters, line breaks of any kind, marks that turn the direction of writing.
    public var escapingControlCharacters: String {
        guard unicodeScalars.contains(where: \.breaksLines) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.breaksLines {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var breaksLines: Bool {
        guard value < 0x20 || value >= 0x7F else { return false }
        return switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}
