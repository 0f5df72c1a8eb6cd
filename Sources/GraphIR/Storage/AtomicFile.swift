#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that appears under its name only when it is complete.
///
/// The bytes go to a temporary file in the same folder, which `commit()` syncs and renames. Until then, even
/// if an error occurs or the process ends, the name stays as it was: free, or that of the old file. A file
/// that is not committed is removed when its `AtomicFile` is released; a killed process leaves the temporary
/// file (`.partial-...`) behind.
public final class AtomicFile {
    /// Where the file will appear; a link's target if `path` is a link.
    public let path: String
    private let overwrite: Bool
    private let temporary: String
    private var descriptor: Int32

    /// Creates the temporary file.
    ///
    /// - Parameter overwrite: whether a regular file of that name may be replaced.
    /// - Throws: `FileError`, `.alreadyExists` if the name is taken and may not be replaced, `.cannotCreate`
    ///   if the folder does not exist or is not writable, or the name belongs to something other than a file.
    public init(path: String, overwrite: Bool) throws(FileError) {
        let existing = try AtomicFile.existing(path, overwrite: overwrite)
        let target = existing?.path ?? path
        let folder = target.folderPrefix
        self.path = target
        self.overwrite = overwrite
        var attempt = 0
        while true {
            let name = "\(folder).partial-\(getpid())-\(attempt)"
            let opened = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if opened >= 0 {
                (temporary, descriptor) = (name, opened)
                break
            }
            guard errno == EEXIST, attempt < 1000 else { throw FileError(creating: path, errno: errno) }
            attempt += 1
        }
        if let existing { fchmod(descriptor, existing.mode) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporary)
    }

    /// Appends bytes.
    ///
    /// - Throws: `FileError.writeFailed`, after which the file cannot be committed any more.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if let code = bytes.write(to: descriptor) { throw fail(code) }
    }

    /// Gives the complete file its name.
    ///
    /// - Throws: `FileError`, `.alreadyExists` if the name has been taken in the meantime.
    public func commit() throws(FileError) {
        // File systems without fsync return EINVAL.
        guard descriptor >= 0, fsync(descriptor) == 0 || errno == EINVAL else { throw fail(errno) }
        // link() fails if the name exists, which rename() would replace.
        if overwrite {
            guard rename(temporary, path) == 0 else { throw fail(errno) }
        } else {
            guard link(temporary, path) == 0 else {
                if errno == EEXIST {
                    discard()
                    throw FileError(path: path, kind: .alreadyExists, problem: "exists already")
                }
                throw fail(errno)
            }
            unlink(temporary)
        }
        close(descriptor)
        descriptor = -1
    }

    /// Removes a committed file again because a file that belongs to it could not be written. A file that
    /// replaced an older one stays.
    public func withdraw() {
        if descriptor < 0, !overwrite { unlink(path) }
    }

    private func fail(_ code: Int32) -> FileError {
        discard()
        return FileError(writing: path, errno: code)
    }

    private func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporary)
        descriptor = -1
    }

    /// The existing file of that name: its path without links, and its permissions.
    private static func existing(
        _ path: String, overwrite: Bool
    ) throws(FileError) -> (path: String, mode: mode_t)? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        guard overwrite else {
            throw FileError(path: path, kind: .alreadyExists, problem: "exists already")
        }
        guard let target = realpath(path, nil) else { throw FileError(creating: path, errno: errno) }
        defer { free(target) }
        guard lstat(target, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, kind: .cannotCreate, problem: "is not a regular file")
        }
        return (String(cString: target), status.st_mode & 0o777)
    }
}
