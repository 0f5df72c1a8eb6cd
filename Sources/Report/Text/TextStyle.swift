/// Whether a text has colours for a terminal.
public enum TextStyle: Sendable {
    case plain
    /// ANSI's eight colours, which follow the terminal's own theme.
    case coloured

    /// The meaning of a coloured word.
    enum Tone: Sendable {
        case good, bad, weak
    }

    func applied(_ tone: Tone?, to text: String) -> String {
        guard self == .coloured, let tone, !text.isEmpty else { return text }
        let code =
            switch tone {
            case .good: "32"
            case .bad: "31"
            case .weak: "2"
            }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
}
