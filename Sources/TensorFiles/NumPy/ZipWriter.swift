import CZip
import GraphIR

/// Writes zip archives in memory, through libzip.
enum ZipWriter {
    /// An archive of stored members, each made of consecutive parts.
    ///
    /// All members have the first date that zip can represent, so the bytes depend only on the contents.
    ///
    /// - Throws: `TensorFileError` if libzip fails, which it does only for lack of memory.
    static func archive(_ members: [(name: String, parts: [ByteRegion])]) throws -> [UInt8] {
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let target = zip_source_buffer_create(nil, 0, 0, &error) else { throw failure(&error) }
        defer { zip_source_free(target) }
        zip_source_keep(target)
        guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, &error) else {
            zip_source_free(target)
            throw failure(&error)
        }
        var isClosed = false
        defer { if !isClosed { zip_discard(archive) } }
        for (name, parts) in members { try add(name, parts, to: archive) }
        // libzip reads the members' parts here.
        guard withExtendedLifetime(members, { zip_close(archive) }) == 0 else {
            throw failure(zip_get_error(archive))
        }
        isClosed = true
        return try contents(of: target)
    }

    private static func add(_ name: String, _ parts: [ByteRegion], to archive: OpaquePointer) throws {
        let fragments = parts.map { part in
            part.withUnsafeBytes {
                zip_buffer_fragment_t(
                    data: UnsafeMutableRawPointer(mutating: $0.baseAddress)?
                        .assumingMemoryBound(to: zip_uint8_t.self),
                    length: zip_uint64_t($0.count))
            }
        }
        guard let source = zip_source_buffer_fragment(archive, fragments, zip_uint64_t(fragments.count), 0)
        else { throw failure(zip_get_error(archive)) }
        let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
        guard let member = zip_uint64_t(exactly: index) else {
            zip_source_free(source)
            throw failure(zip_get_error(archive))
        }
        guard zip_set_file_compression(archive, member, ZIP_CM_STORE, 0) == 0,
            zip_file_set_dostime(archive, member, 0, 1 << 5 | 1, 0) == 0
        else { throw failure(zip_get_error(archive)) }
    }

    private static func contents(of source: OpaquePointer) throws -> [UInt8] {
        var status = zip_stat_t()
        guard zip_source_stat(source, &status) == 0, let size = Int(exactly: status.size),
            zip_source_open(source) == 0
        else { throw failure(zip_source_error(source)) }
        defer { zip_source_close(source) }
        var bytes = [UInt8](repeating: 0, count: size)
        let read = bytes.withUnsafeMutableBytes {
            zip_source_read(source, $0.baseAddress, zip_uint64_t($0.count))
        }
        guard Int(read) == size else { throw failure(zip_source_error(source)) }
        return bytes
    }

    private static func failure(_ error: UnsafeMutablePointer<zip_error_t>?) -> TensorFileError {
        let reason = error.flatMap { zip_error_strerror($0) }.map { String(cString: $0) } ?? "unknown error"
        return TensorFileError(.unsupported, "the archive cannot be made: \(reason)")
    }
}
