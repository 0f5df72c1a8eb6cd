import CZip
import GraphIR

/// NumPy's `.npz` format: a zip archive of `.npy` files, named by tensor.
enum NumPyArchive {
    /// The most arrays of an archive.
    static let maximumCount = 100_000
    /// The most bytes that the arrays of an archive may take once unpacked: a bound on zip bombs.
    static let maximumBytes = 4 << 30

    /// The arrays in `bytes`, in the archive's order. Members other than `.npy` files are ignored.
    ///
    /// - Throws: `TensorFileError`; memory is allocated only for sizes on which a header and the archive
    ///   agree.
    static func parse(_ bytes: ByteRegion) throws -> [NamedTensor] {
        try bytes.withUnsafeBytes { buffer in
            let archive = try ZipReader(buffer)
            guard archive.count <= maximumCount else {
                throw TensorFileError(.limit, "holds \(archive.count) members")
            }
            var result: [NamedTensor] = []
            var names: Set<String> = []
            var total = 0
            for index in 0..<archive.count {
                let member = try archive.member(index)
                guard member.name.hasSuffix(".npy") else { continue }
                let name = String(member.name.dropLast(4))
                guard names.insert(name).inserted else {
                    throw TensorFileError(.malformed, place: "member \"\(member.name)\"", "is there twice")
                }
                total += min(member.size, maximumBytes + 1)
                guard total <= maximumBytes else {
                    throw TensorFileError(.limit, "unpacks to more than \(maximumBytes >> 20) MB")
                }
                do {
                    result.append(NamedTensor(name: name, tensor: try read(member, index, of: archive)))
                } catch var error as TensorFileError {
                    error.diagnostic.place = "member \"\(member.name)\""
                    throw error
                }
            }
            guard !result.isEmpty else { throw TensorFileError(.malformed, "holds no .npy members") }
            return result
        }
    }

    private static func read(
        _ member: (name: String, size: Int), _ index: Int, of archive: ZipReader
    ) throws -> Tensor {
        let file = try archive.open(index)
        var head = [UInt8](repeating: 0, count: min(member.size, 16 + NumPyHeader.longest))
        let headCount = try head.withUnsafeMutableBytes { try file.read(into: $0) }
        let header = try head.withUnsafeBytes { bytes throws(TensorFileError) in
            try NumPyHeader(UnsafeRawBufferPointer(rebasing: bytes[..<headCount]))
        }
        guard member.size - header.dataOffset == header.dataCount else {
            throw TensorFileError(
                .malformed,
                "its shape \(header.shape) asks for \(header.dataCount) bytes of data, "
                    + "it has \(member.size - header.dataOffset)")
        }
        let data = try ByteRegion(count: header.dataCount) { target in
            let early = head[header.dataOffset..<headCount]
            target.copyBytes(from: early)
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[early.count...])
            guard try file.read(into: rest) == rest.count, try file.isAtEnd() else {
                throw TensorFileError(.malformed, "its data are cut off or too long")
            }
        }
        return try NumPyFile.tensor(header, data)
    }

    /// The bytes of an archive of `tensors`, stored without compression like `numpy.savez`; the same tensors
    /// give the same bytes. Tensors without a name are named `arr_0`, `arr_1`, ... by position.
    ///
    /// - Throws: `TensorFileError` for element types that NumPy lacks, and for names that occur twice.
    static func serialize(_ tensors: [NamedTensor]) throws -> [UInt8] {
        guard !tensors.isEmpty else { throw TensorFileError(.unsupported, "there is no tensor to write") }
        var names: Set<String> = []
        let members = try tensors.enumerated().map { position, entry in
            let name = entry.name ?? "arr_\(position)"
            guard names.insert(name).inserted, !name.utf8.contains(0), name.utf8.count < 1 << 15 else {
                throw TensorFileError(
                    .unsupported, place: "tensor \"\(name)\"", "cannot be a member of an archive",
                    remedy: "give every tensor a name of its own")
            }
            return (name: name + ".npy", parts: try NumPyFile.parts(entry.tensor))
        }
        return try ZipWriter.archive(members)
    }
}
