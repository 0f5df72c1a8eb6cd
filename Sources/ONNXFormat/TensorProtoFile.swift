import CONNX
import GraphIR

/// Files of one serialised `TensorProto`, such as ONNX test data (`input_0.pb`).
public enum TensorProtoFile {
    /// Reads a tensor; its bytes stay in the file's mapping if the file holds them raw.
    ///
    /// - Returns: the tensor, and its name, which may be empty.
    /// - Throws: `FileError` if the file cannot be read, else `ONNXFormatError` with the file's path.
    public static func read(
        path: String, limits: ImportLimits = .default
    ) throws -> (name: String, tensor: Tensor) {
        let bytes = try MappedFile(path: path).bytes
        do {
            return try parse(bytes, limits: limits)
        } catch let error as ONNXFormatError {
            throw error.inFile(path)
        }
    }

    /// Reads a tensor from memory.
    ///
    /// - Throws: `ONNXFormatError`.
    public static func parse(
        _ bytes: ByteRegion, limits: ImportLimits = .default
    ) throws -> (name: String, tensor: Tensor) {
        let skeleton = try ONNXFile.skeleton(bytes, MessageDescriptor.tensor, limits)
        guard let descriptor = MessageDescriptor.tensor else {
            throw ONNXFormatError(.malformed, "the file is empty")
        }
        return try withDecoded(skeleton, as: Onnx__TensorProto.self, descriptor) { proto in
            let name = text(proto.pointee.name)
            let reader = TensorReader(bytes, skeleton, folder: nil, limits: limits)
            return (name, try reader.read(proto.pointee, place: "tensor \"\(name)\""))
        }
    }
}

extension TensorProtoFile {
    /// Writes a tensor under a name, which may be empty.
    ///
    /// The file appears under its name only when it is complete.
    ///
    /// - Throws: `FileError` if the file exists and `overwrite` is false, or cannot be written.
    public static func write(
        _ tensor: Tensor, name: String, to path: String, overwrite: Bool = false
    ) throws(FileError) {
        let message = TensorWriter(location: nil).message(tensor, name: name)
        try ONNXFile.write(message, to: path, overwrite: overwrite)
    }

    /// The bytes of a tensor file.
    public static func serialize(_ tensor: Tensor, name: String) -> [UInt8] {
        TensorWriter(location: nil).message(tensor, name: name).serialized
    }
}
