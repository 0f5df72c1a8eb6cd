#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files for the time of a run.
package enum TemporaryFile {
    /// The folder that `TMPDIR` names; nil if it names none.
    package static var namedFolder: String? {
        getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// An open file in a folder that has no name, and ends with its last descriptor and mapping.
    ///
    /// - Returns: the descriptor, for reading and writing; the caller closes it.
    /// - Throws: `FileError.cannotCreate`.
    package static func anonymous(in folder: String) throws(FileError) -> Int32 {
        var template = Array("\(folder)/modconvert-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw FileError(path: folder, kind: .cannotCreate, problem: "takes no temporary file")
        }
        unlink(template)
        return descriptor
    }
}
