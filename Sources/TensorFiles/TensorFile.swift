import GraphIR
import ONNXFormat

/// Files that hold tensors, told apart by their extension.
public enum TensorFile {
    /// Reads all tensors of a `.pb` (ONNX `TensorProto`) file.
    ///
    /// - Throws: `FileError` if the file cannot be read, `ONNXFormatError` or `TensorFileError` if it
    ///   cannot be understood.
    public static func read(path: String) throws -> [NamedTensor] {
        switch fileExtension(path) {
        case "pb":
            let (name, tensor) = try TensorProtoFile.read(path: path)
            return [NamedTensor(name: name.isEmpty ? nil : name, tensor: tensor)]
        default: throw unknownExtension(path)
        }
    }

    private static func fileExtension(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }

    private static func unknownExtension(_ path: String) -> TensorFileError {
        TensorFileError(.unsupported, file: path, "is of unknown kind", remedy: "use .npy, .npz or .pb")
    }
}
