import CZip

/// Reads zip archives from memory, through libzip.
final class ZipReader {
    private let archive: OpaquePointer
    let count: Int

    /// Opens the archive in `bytes`, which must outlive the reader.
    ///
    /// - Throws: `TensorFileError.malformed`.
    init(_ bytes: UnsafeRawBufferPointer) throws(TensorFileError) {
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(bytes.baseAddress, zip_uint64_t(bytes.count), 0, &error)
        else { throw ZipReader.malformed(&error) }
        guard let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
            zip_source_free(source)
            throw ZipReader.malformed(&error)
        }
        self.archive = archive
        count = Int(clamping: zip_get_num_entries(archive, 0))
    }

    deinit { zip_discard(archive) }

    /// A member's name, and its size according to the archive.
    func member(_ index: Int) throws(TensorFileError) -> (name: String, size: Int) {
        var status = zip_stat_t()
        guard zip_stat_index(archive, zip_uint64_t(index), ZIP_FL_ENC_GUESS, &status) == 0,
            status.valid & zip_uint64_t(ZIP_STAT_SIZE) != 0, let name = status.name,
            let text = String(validatingCString: name), let size = Int(exactly: status.size)
        else { throw TensorFileError(.malformed, "member \(index) is not described") }
        return (text, size)
    }

    /// Opens a member for reading.
    func open(_ index: Int) throws(TensorFileError) -> Member {
        guard let file = zip_fopen_index(archive, zip_uint64_t(index), 0) else {
            throw ZipReader.malformed(zip_get_error(archive))
        }
        return Member(file: file, archive: self)
    }

    /// An open member, read from start to end; the checksum is verified at its end.
    final class Member {
        private let file: OpaquePointer
        private let archive: ZipReader

        fileprivate init(file: OpaquePointer, archive: ZipReader) {
            self.file = file
            self.archive = archive
        }

        deinit { zip_fclose(file) }

        /// Fills the buffer as far as there are bytes, and returns their number.
        func read(into buffer: UnsafeMutableRawBufferPointer) throws(TensorFileError) -> Int {
            var filled = 0
            while filled < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                let read = zip_fread(file, rest.baseAddress, zip_uint64_t(rest.count))
                guard read >= 0 else { throw malformed(zip_file_get_error(file)) }
                if read == 0 { break }
                filled += Int(read)
            }
            return filled
        }

        /// Whether there is nothing left to read.
        func isAtEnd() throws(TensorFileError) -> Bool {
            var byte: UInt8 = 0
            return try withUnsafeMutableBytes(of: &byte) { bytes throws(TensorFileError) in
                try read(into: bytes) == 0
            }
        }
    }

    fileprivate static func malformed(_ error: UnsafeMutablePointer<zip_error_t>?) -> TensorFileError {
        let reason = error.flatMap { zip_error_strerror($0) }.map { String(cString: $0) } ?? "unknown error"
        return TensorFileError(.malformed, "is not a zip archive that can be read: \(reason)")
    }
}

private func malformed(_ error: UnsafeMutablePointer<zip_error_t>?) -> TensorFileError {
    ZipReader.malformed(error)
}
