import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `-` in place of a model's file: standard input to read it, standard output to write it.
enum StandardStream {
    static let name = "-"

    /// The file to read for an argument: itself, or for `-` a file without a name that holds standard input.
    ///
    /// - Throws: `FileError` if standard input cannot be read, or there is no room for it.
    static func input(_ path: String) throws(FileError) -> String {
        guard path == name else { return path }
        guard isatty(STDIN_FILENO) == 0 else {
            throw FileError(path: "standard input", kind: .notRegular, problem: "is a terminal, not a model")
        }
        let descriptor = try anonymousFile()
        try copy(STDIN_FILENO, to: descriptor, "standard input")
        return "/proc/self/fd/\(descriptor)"
    }

    /// Writes a file's bytes to standard output.
    ///
    /// - Throws: `FileError`.
    static func output(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileError(path: path, kind: .unreadable, problem: "cannot be read again")
        }
        defer { close(descriptor) }
        try copy(descriptor, to: STDOUT_FILENO, "standard output")
    }

    /// A file in the folder of temporary files that has no name, and ends with the process.
    private static func anonymousFile() throws(FileError) -> Int32 {
        try TemporaryFile.anonymous(in: TemporaryFile.namedFolder ?? "/tmp")
    }

    private static func copy(_ source: Int32, to target: Int32, _ name: String) throws(FileError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count == 0 { return }
            if count < 0, errno == EINTR { continue }
            let code =
                count < 0
                ? errno
                : buffer.withUnsafeBytes {
                    Descriptor.write(UnsafeRawBufferPointer(rebasing: $0.prefix(count)), to: target)
                }
            guard code == 0 else {
                throw FileError(
                    path: name, kind: .writeFailed,
                    problem: "cannot be copied: \(String(cString: strerror(code)))")
            }
        }
    }
}
