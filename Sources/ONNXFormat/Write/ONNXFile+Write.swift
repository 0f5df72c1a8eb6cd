import GraphIR

/// The place of a written model's weights.
public enum ExternalDataPolicy: Sendable {
    /// In the model file, or beside it if the file would exceed 2 GiB, protobuf's limit.
    case automatic
    /// In `<name>.data` beside the model.
    case always
}

extension ONNXFile {
    /// Writes a model.
    ///
    /// The file appears under its name only when it is complete, and replaces another one only if `overwrite`
    /// is true. Weights are copied directly from their source, such as a mapped file; memory grows with the
    /// description only. The same model gives the same bytes.
    ///
    /// Nodes are written in topological order, with a `value_info` for every inner value of known type. IR
    /// version and opsets are the model's. With external data, `<name>.data` is put in place right before the
    /// model itself.
    ///
    /// - Throws: `FileError` if the file exists or cannot be written; `ONNXFormatError.limit` if the
    ///   description alone exceeds 2 GiB.
    public static func write(
        _ model: Model, to path: String, overwrite: Bool = false,
        externalData: ExternalDataPolicy = .automatic
    ) throws {
        guard writesExternalData(model, externalData) else {
            let message = ModelWriter(tensors: TensorWriter(location: nil)).message(model)
            return try write(message, to: path, overwrite: overwrite)
        }
        let modelFile = try AtomicFile(path: path, overwrite: overwrite)
        let dataPath = self.dataPath(of: modelFile.path)
        let tensors = TensorWriter(location: dataPath.fileName)
        let message = ModelWriter(tensors: tensors).message(model)
        guard message.count <= largestMessage else { throw tooLarge(message).inFile(path) }
        let dataFile = try AtomicFile(path: dataPath, overwrite: overwrite)
        try write(tensors.external, to: dataFile)
        try message.forEachPiece(modelFile.write)
        try dataFile.commit()
        do {
            try modelFile.commit()
        } catch {
            dataFile.withdraw()
            throw error
        }
    }

    /// The external data file of a model that is written to `path`.
    public static func dataPath(of path: String) -> String { path + ".data" }

    /// Whether writing the model puts its weights into a file of their own.
    public static func writesExternalData(_ model: Model, _ policy: ExternalDataPolicy) -> Bool {
        policy == .always
            || ModelWriter(tensors: TensorWriter(location: nil)).message(model).count > largestMessage
    }

    /// The bytes of a model file, including its weights.
    ///
    /// - Throws: `ONNXFormatError.limit` if they exceed 2 GiB.
    public static func serialize(_ model: Model) throws -> [UInt8] {
        let message = ModelWriter(tensors: TensorWriter(location: nil)).message(model)
        guard message.count <= largestMessage else { throw tooLarge(message) }
        return message.serialized
    }

    static func write(_ message: WireMessage, to path: String, overwrite: Bool) throws(FileError) {
        let file = try AtomicFile(path: path, overwrite: overwrite)
        try message.forEachPiece(file.write)
        try file.commit()
    }

    /// Writes the external data, with zeros between.
    private static func write(
        _ regions: [(offset: Int, region: ByteRegion)], to file: AtomicFile
    ) throws(FileError) {
        let zeros = ByteRegion([UInt8](repeating: 0, count: TensorWriter.page))
        var end = 0
        for (offset, region) in regions {
            try zeros.slice(offset: 0, count: offset - end)?.withUnsafeBytes(file.write)
            try region.withUnsafeBytes(file.write)
            region.releasePages()
            end = offset + region.count
        }
    }

    private static func tooLarge(_ message: WireMessage) -> ONNXFormatError {
        ONNXFormatError(
            .limit, "the model would take \(message.count) bytes, protobuf holds \(largestMessage)",
            remedy: "write it with external data")
    }

    /// The most bytes of one protobuf message.
    private static let largestMessage = Int(Int32.max)
}

extension WireMessage {
    /// All bytes in one block.
    var serialized: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        forEachPiece { result.append(contentsOf: $0) }
        return result
    }
}
