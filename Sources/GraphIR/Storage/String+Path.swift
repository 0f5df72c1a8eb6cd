/// Paths are bytes to the operating system: a slash ends a folder's name also where a combining mark follows
/// it, with which it makes one character.
extension String {
    /// The path's folder with the slash at its end; empty if the path names no folder.
    public var folderPrefix: String { String(self[..<fileNameStart]) }

    /// What follows the last slash.
    public var fileName: String { String(self[fileNameStart...]) }

    private var fileNameStart: Index {
        utf8.lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) } ?? startIndex
    }
}
