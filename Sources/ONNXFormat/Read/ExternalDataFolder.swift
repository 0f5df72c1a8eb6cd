import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files beside a model that hold its external data, each mapped once.
///
/// A model is not trusted. It may name files in its own folder only, so that reading it never reads, and
/// converting it never copies, any other file of the user's. The target of a link counts, not the link's own
/// place:
///
///     snapshots/1/model.onnx      -> ../../blobs/3a1f       a model hub's cache: both files are in blobs
///     snapshots/1/model.onnx_data -> ../../blobs/9c07
///
/// Locations are relative to the folder of the model's path, and if the model is a link, also to the folder
/// of its target.
final class ExternalDataFolder {
    /// The folders that may hold data, with links resolved.
    private let folders: [String]
    private var files: [String: ByteRegion] = [:]

    /// The folder of a model that is read from memory.
    init(path: String) { folders = [ExternalDataFolder.resolved(path)].compactMap { $0 } }

    /// The folders of a model file.
    init(ofModel path: String) {
        let named = ExternalDataFolder.resolved(path.folderPrefix.isEmpty ? "." : path.folderPrefix)
        let real = ExternalDataFolder.resolved(path)?.folderPrefix
        let folders = [named, real.flatMap(ExternalDataFolder.resolved)].compactMap { $0 }
        self.folders = folders.count == 2 && folders[0] == folders[1] ? [folders[0]] : folders
    }

    /// The bytes to which a tensor's `external_data` entries refer.
    ///
    /// - Parameter size: the number of bytes that the tensor's shape requires; also the length if none is
    ///   given.
    /// - Throws: `ONNXFormatError` if the entries are malformed or contradict each other, or the file is
    ///   missing, not regular, too short, or outside the folder.
    func bytes(_ entries: [MetadataEntry], size: Int, place: String) throws(ONNXFormatError) -> ByteRegion {
        func text(_ key: String) throws(ONNXFormatError) -> String? {
            let values = entries.lazy.filter { $0.key == key }.map(\.value)
            guard values.dropFirst().isEmpty else {
                throw ONNXFormatError(
                    .externalData, place: place, "its external data have more than one \(key)",
                    remedy: "export the model again")
            }
            return values.first
        }
        func number(_ key: String) throws(ONNXFormatError) -> Int? {
            guard let text = try text(key) else { return nil }
            guard let number = Int(text), number >= 0 else {
                throw ONNXFormatError(
                    .externalData, place: place, "its external \(key) \"\(text)\" is not a size")
            }
            return number
        }
        guard let location = try text("location"), !location.isEmpty else {
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
        let named = folders.map { ($0 == "/" ? $0 : $0 + "/") + location }
        guard let file = named.lazy.compactMap(ExternalDataFolder.resolved).first else {
            var status = stat()
            let isLink = named.contains { lstat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK }
            throw refusal(isLink ? "are a link to a file that does not exist" : "do not exist")
        }
        guard folders.contains(where: { file.utf8.starts(with: ($0 == "/" ? $0 : $0 + "/").utf8) }) else {
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

    private static func resolved(_ path: String) -> String? {
        guard let result = realpath(path, nil) else { return nil }
        defer { free(result) }
        return String(cString: result)
    }
}
