#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A regular file mapped read-only into memory.
///
/// The mapping is private: the file is never written through it. Pages are read when they are first
/// touched, so mapping a large model costs no memory by itself.
public final class MappedFile: Sendable {
    nonisolated(unsafe) private let start: UnsafeMutableRawPointer?
    /// The file's size in bytes.
    public let count: Int
    /// The path that the file was opened by.
    public let path: String

    /// Maps the file at `path`.
    ///
    /// - Throws: `FileError` if it does not exist, is not a regular file, or cannot be read.
    public convenience init(path: String) throws(FileError) {
        // O_NONBLOCK: opening a FIFO without a writer must not hang.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(reading: path, errno: errno) }
        defer { close(descriptor) }
        try self.init(path, descriptor)
    }

    /// Writes bytes to a file that has no name, and maps it: memory that the system may take back.
    ///
    /// - Parameter folder: where the file takes its space until the mapping ends.
    /// - Throws: `FileError` if it cannot be created or written.
    package convenience init(
        temporaryIn folder: String, _ bytes: UnsafeRawBufferPointer
    ) throws(FileError) {
        let descriptor = try TemporaryFile.anonymous(in: folder)
        defer { close(descriptor) }
        if let code = bytes.write(to: descriptor) { throw FileError(writing: folder, errno: code) }
        try self.init(folder, descriptor)
    }

    private init(_ path: String, _ descriptor: Int32) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(reading: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, kind: .notRegular, problem: "is not a regular file")
        }
        self.path = path
        count = Int(status.st_size)
        guard count > 0 else {
            start = nil
            return
        }
        guard let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapping != MAP_FAILED
        else { throw FileError(reading: path, errno: errno) }
        start = mapping
    }

    deinit {
        if let start { munmap(start, count) }
    }

    /// Releases the memory of the whole pages within a part of the mapping.
    func releasePages(from part: UnsafeRawPointer, count: Int) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let start, page > 0 else { return }
        let offset = part - UnsafeRawPointer(start)
        let first = (offset + page - 1) / page * page
        let end = (offset + count) / page * page
        if first < end { madvise(start + first, end - first, MADV_DONTNEED) }
    }

    /// All bytes of the file; the region keeps the mapping alive.
    public var bytes: ByteRegion {
        guard let start else { return ByteRegion([UInt8]()) }
        return ByteRegion(owner: self, start: UnsafeRawPointer(start), count: count)
    }
}
