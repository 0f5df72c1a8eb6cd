import GraphIR
import ONNXFormat

/// Files of tensors, distinguished by their extension: `.npy` (one NumPy array), `.npz` (named NumPy arrays),
/// `.pb` (one ONNX `TensorProto`) and, for reading only, `.safetensors` (named tensors).
public enum TensorFile {
    /// Reads all tensors of a file; bytes that need no conversion stay in the file's mapping.
    ///
    /// - Throws: `FileError` if the file cannot be read; `ONNXFormatError` or `TensorFileError` with the
    ///   file's path if it is invalid or unsupported.
    public static func read(path: String) throws -> [NamedTensor] {
        switch try format(ofExisting: path) {
        case .pb:
            let (name, tensor) = try TensorProtoFile.read(path: path)
            return [NamedTensor(name: name.isEmpty ? nil : name, tensor: tensor)]
        case .npy:
            return try TensorFileError.naming(path) {
                [NamedTensor(name: nil, tensor: try NumPyFile.parse(MappedFile(path: path).bytes))]
            }
        case .npz:
            return try TensorFileError.naming(path) { try NumPyArchive.parse(MappedFile(path: path).bytes) }
        case .safetensors:
            return try TensorFileError.naming(path) {
                try SafetensorsFile.parse(MappedFile(path: path).bytes)
            }
        }
    }

    /// A path that leads nowhere is told before a name of unknown kind.
    private static func format(ofExisting path: String) throws -> Format {
        if (try? Format(path)) == nil { _ = try MappedFile(path: path) }
        return try Format(path)
    }

    /// Writes tensors. All but `.npz` files hold exactly one tensor, and `.npy` files hold no name.
    ///
    /// The file appears under its name only when it is complete. The same tensors give the same bytes.
    ///
    /// - Throws: `FileError` if the file exists and `overwrite` is false, or cannot be written;
    ///   `TensorFileError` if the format cannot hold the tensors.
    public static func write(_ tensors: [NamedTensor], to path: String, overwrite: Bool = false) throws {
        let format = try Format(path)
        guard format != .safetensors else {
            throw TensorFileError(.unsupported, file: path, "is a format that is only read")
        }
        if format == .npz {
            let bytes = try TensorFileError.naming(path) { ByteRegion(try NumPyArchive.serialize(tensors)) }
            return try write([bytes], to: path, overwrite)
        }
        guard let only = tensors.first, tensors.count == 1 else {
            throw TensorFileError(
                .unsupported, file: path, "holds one tensor, not \(tensors.count)",
                remedy: "write a .npz file instead")
        }
        if format == .pb {
            try TensorProtoFile.write(only.tensor, name: only.name ?? "", to: path, overwrite: overwrite)
        } else {
            try write(TensorFileError.naming(path) { try NumPyFile.parts(only.tensor) }, to: path, overwrite)
        }
    }

    /// Whether files of that name hold any number of named tensors.
    public static func holdsMany(path: String) -> Bool { (try? Format(path)) == .npz }

    private static func write(
        _ parts: [ByteRegion], to path: String, _ overwrite: Bool
    ) throws(FileError) {
        let file = try AtomicFile(path: path, overwrite: overwrite)
        for part in parts { try part.withUnsafeBytes(file.write) }
        try file.commit()
    }

    private enum Format: String {
        case npy, npz, pb, safetensors

        init(_ path: String) throws(TensorFileError) {
            let name = path.split(separator: "/").last ?? ""
            let suffix = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
            guard let format = Format(rawValue: suffix ?? "") else {
                throw TensorFileError(
                    .unsupported, file: path, "is of unknown kind", remedy: "use .npy, .npz or .pb")
            }
            self = format
        }
    }
}
