/// Paths are bytes to the operating system: a slash ends a folder's name even before a combining mark, with
/// which it would form one character.
extension String {
    /// The path's folder including the final slash; empty if the path names no folder.
    public var folderPrefix: String { String(self[..<fileNameStart]) }

    /// The part after the last slash.
    public var fileName: String { String(self[fileNameStart...]) }

    private var fileNameStart: Index {
        utf8.lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) } ?? startIndex
    }
}
