extension String {
    /// The text with wrapped cells on one line: lines that begin with eight spaces continue the line before.
    public var unwrapped: String { replacing(/\n {8,}(?=\S)/, with: " ") }
}
