import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Results for people and machines.
enum StandardOutput {
    /// Writes the text. If the reader has gone (`| head`), the rest is dropped without an error.
    ///
    /// - Throws: `FileError.writeFailed` for any other failure.
    static func write(_ text: String) throws(FileError) {
        let code = Descriptor.write(text, to: STDOUT_FILENO)
        guard code == 0 || code == EPIPE else {
            throw FileError(
                path: "standard output", kind: .writeFailed,
                problem: "cannot be written: \(String(cString: strerror(code)))")
        }
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

/// Errors and progress.
enum StandardError {
    /// Writes the text; a failure cannot be reported anywhere.
    static func write(_ text: String) { _ = Descriptor.write(text, to: STDERR_FILENO) }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// Whole writes to open files.
enum Descriptor {
    /// - Returns: 0, or the error number of the write that failed.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    /// - Returns: 0, or the error number of the write that failed.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        bytes.write(to: descriptor) ?? 0
    }
}
