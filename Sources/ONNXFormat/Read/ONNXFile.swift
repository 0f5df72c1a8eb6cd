import CONNX
import GraphIR

/// Reads and writes ONNX model files.
public enum ONNXFile {
    /// Reads a model. Its weights stay in the file's mapping and are not read until they are used.
    ///
    /// The returned graph has been checked (`SchemaCheck`), and its values' types are inferred as far as its
    /// operators are known. Declared types of inner values (`value_info`) only fill gaps, since editors and
    /// exporters leave stale ones behind.
    ///
    /// Kept: names, doc strings and metadata of model, graph, nodes and values; denotations of types and
    /// axes; quantisation annotations; and, unread, device configurations, training information and
    /// attributes of unmodelled kinds. A model's functions are inlined (`GraphReader+Functions`). Left out:
    /// unknown fields, and the names and notes of tensors in attributes. Refused: sparse initialisers,
    /// segmented tensors, functions that redefine standard operators.
    ///
    /// Inputs whose first extent has neither number nor name share a batch (`nameBatch`), which is written
    /// without a name again.
    ///
    /// - Complexity: O(bytes of description); independent of the size of raw weights.
    /// - Throws: `FileError` if the file cannot be read, else `ONNXFormatError` with the file's path.
    public static func read(path: String, limits: ImportLimits = .default) throws -> Model {
        try readWithBytes(path: path, limits: limits).model
    }

    /// Like `read(path:limits:)`, but also returns the bytes of the file that the model was read from.
    public static func readWithBytes(
        path: String, limits: ImportLimits = .default
    ) throws -> (model: Model, bytes: ByteRegion) {
        let bytes = try MappedFile(path: path).bytes
        if let format = ForeignFormat.signature(bytes) { throw format.error.inFile(path) }
        do {
            return (try parse(bytes, ExternalDataFolder(ofModel: path), limits), bytes)
        } catch let error as ONNXFormatError {
            let format = error.kind == .malformed ? ForeignFormat.unparsable(bytes) : nil
            throw (format?.error ?? error).inFile(path)
        }
    }

    /// Reads a model from memory; see `read(path:limits:)`.
    ///
    /// - Parameters:
    ///   - bytes: a serialised `ModelProto`; the model's weights keep it alive.
    ///   - folder: the folder of external data; nil refuses models that have any.
    /// - Throws: `ONNXFormatError`.
    public static func parse(
        _ bytes: ByteRegion, folder: String?, limits: ImportLimits = .default
    ) throws -> Model {
        try parse(bytes, folder.map(ExternalDataFolder.init(path:)), limits)
    }

    private static func parse(
        _ bytes: ByteRegion, _ folder: ExternalDataFolder?, _ limits: ImportLimits
    ) throws -> Model {
        do {
            let skeleton = try skeleton(bytes, MessageDescriptor.model, limits)
            let tensors = TensorReader(bytes, skeleton, folder: folder, limits: limits)
            guard let descriptor = MessageDescriptor.model else { throw emptyFile }
            return try withDecoded(skeleton, as: Onnx__ModelProto.self, descriptor) {
                try ModelReader(tensors: tensors, limits: limits).read($0.pointee)
            }
        } catch let error as ONNXFormatError {
            throw error
        } catch let error as any DiagnosableError {
            throw ONNXFormatError(error)
        }
    }

    static func skeleton(
        _ bytes: ByteRegion, _ message: SkeletonBuilder.Message?, _ limits: ImportLimits
    ) throws(ONNXFormatError) -> Skeleton {
        guard let message, bytes.count > 0 else { throw emptyFile }
        return try bytes.withUnsafeBytes { buffer throws(ONNXFormatError) in
            try SkeletonBuilder.build(buffer, message: message, limits: limits)
        }
    }

    private static var emptyFile: ONNXFormatError { ONNXFormatError(.malformed, "the file is empty") }
}
