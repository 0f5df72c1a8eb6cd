import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files beside a model that hold its external data, each mapped once.
///
/// A model is not to be trusted: it may name files in its own folder only, so that reading it never
/// reads, and converting it never copies, anything else of the user's.
final class ExternalDataFolder {
    private let path: String
    private var files: [String: ByteRegion] = [:]

    init(path: String) { self.path = path }

    /// The bytes that a tensor's `external_data` entries name.
    ///
    /// - Parameter size: how many bytes the tensor's shape asks for; also the length where none is given.
    /// - Throws: `ONNXFormatError` if the entries are malformed, or the file is missing, not regular,
    ///   too short, or not within the folder.
    func bytes(_ entries: [MetadataEntry], size: Int, place: String) throws(ONNXFormatError) -> ByteRegion {
        func number(_ key: String) throws(ONNXFormatError) -> Int? {
            guard let text = entries.first(where: { $0.key == key })?.value else { return nil }
            guard let number = Int(text), number >= 0 else {
                throw ONNXFormatError(
                    .externalData, place: place, "its external \(key) \"\(text)\" is not a size")
            }
            return number
        }
        guard let location = entries.first(where: { $0.key == "location" })?.value, !location.isEmpty else {
            throw ONNXFormatError(.externalData, place: place, "its external data have no location")
        }
        let (offset, length) = (try number("offset") ?? 0, try number("length") ?? size)
        guard length == size else {
            throw ONNXFormatError(
                .externalData, place: place, "needs \(size) bytes, its external data have \(length)")
        }
        let file = try file(location, place)
        guard let region = file.slice(offset: offset, count: length) else {
            throw ONNXFormatError(
                .externalData, place: place,
                "needs \(length) bytes from byte \(offset) of \"\(location)\", which has \(file.count)")
        }
        return region
    }

    private func file(_ location: String, _ place: String) throws(ONNXFormatError) -> ByteRegion {
        if let known = files[location] { return known }
        func refusal(_ problem: String) -> ONNXFormatError {
            ONNXFormatError(.externalData, place: place, "its external data \"\(location)\" \(problem)")
        }
        let steps = location.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard steps.first?.isEmpty == false, !steps.contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw refusal("are not within the model's folder")
        }
        guard let folder = resolved(path), let file = resolved(path + "/" + location) else {
            throw refusal("do not exist")
        }
        guard file.utf8.starts(with: (folder == "/" ? folder : folder + "/").utf8) else {
            throw refusal("are a link out of the model's folder")
        }
        var status = stat()
        guard lstat(file, &status) == 0, status.st_nlink == 1 || status.st_mode & S_IFMT == S_IFDIR else {
            throw refusal("are a hard link to a file that may lie elsewhere")
        }
        do {
            let bytes = try MappedFile(path: file).bytes
            files[location] = bytes
            return bytes
        } catch {
            throw refusal(error.problem)
        }
    }

    private func resolved(_ path: String) -> String? {
        guard let result = realpath(path, nil) else { return nil }
        defer { free(result) }
        return String(cString: result)
    }
}
