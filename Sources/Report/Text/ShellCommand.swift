/// A command that a user can paste into a shell.
public struct ShellCommand: Sendable {
    /// The words, quoted where a POSIX shell needs it.
    public let text: String

    /// A command of these words, the program's name first.
    public init(_ words: [String]) {
        text = words.map(ShellCommand.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "-_./=,:+@%".unicodeScalars.contains(scalar)
        }
        guard word.isEmpty || !isPlain else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }
}
