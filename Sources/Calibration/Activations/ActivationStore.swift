import GraphIR

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the activations of all samples lie.
package enum ActivationStore: Sendable, Equatable {
    case memory
    /// In files of this folder without a name, one for each chunk of a value. They are mapped, so that the system keeps in
    /// memory what it has room for, and they end with the last use of the tensor, or with the process.
    case files(folder: String)

    /// Files in the folder that `TMPDIR` names, else in `/var/tmp`, for `/tmp` may be memory; else in `/tmp`.
    static var temporary: ActivationStore {
        let usual = access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
        return .files(folder: TemporaryFile.namedFolder ?? usual)
    }

    /// The tensor where this store has its tensors.
    ///
    /// - Throws: `FileError` if a file cannot be written.
    package func keeping(_ tensor: Tensor) throws -> Tensor {
        guard case .files(let folder) = self, tensor.bytes.isAllocated else { return tensor }
        let file = try tensor.bytes.withUnsafeBytes { (bytes) throws(FileError) in
            try MappedFile(temporaryIn: folder, bytes)
        }
        return try Tensor(tensor.elementType, shape: tensor.shape, bytes: file.bytes)
    }
}
