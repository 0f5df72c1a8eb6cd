import CZlib
import GraphIR

/// IDX, the format of MNIST and Fashion-MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`.
///
/// The format is two zero bytes, one byte each for the element type and the rank, the extents as big-endian
/// 32-bit numbers, and the elements, row-major. Only bytes (type 0x08) are read. A file may be compressed
/// with gzip.
public enum IDXFile {
    /// Whether a file's name is that of an IDX file.
    public static func isIDX(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        let plain = name.hasSuffix(".gz") ? name.dropLast(3) : name
        return plain.hasSuffix("-ubyte") || plain.hasSuffix(".idx")
    }

    /// The file's bytes as a uint8 tensor.
    ///
    /// - Throws: `FileError` if the file cannot be read, `TensorFileError` if it is not an IDX file of bytes.
    public static func read(path: String) throws -> Tensor {
        // Distinguishes a missing file from a damaged one.
        _ = try MappedFile(path: path)
        return try TensorFileError.naming(path) { try parse(try Stream(path: path)) }
    }

    private static func parse(_ stream: Stream) throws -> Tensor {
        let head = try stream.read(count: 4)
        guard head[0] == 0, head[1] == 0, (1...longestRank).contains(Int(head[3])) else {
            throw TensorFileError(.malformed, "is no IDX file")
        }
        guard head[2] == 0x08 else {
            throw TensorFileError(
                .unsupported, "holds elements of type \(head[2])", remedy: "use an IDX file of bytes")
        }
        let numbers = try stream.read(count: 4 * Int(head[3]))
        let shape = stride(from: 0, to: numbers.count, by: 4).map { start in
            numbers[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        guard let count = Shape.elementCount(of: shape), count <= largestFile else {
            throw TensorFileError(.limit, "says that it holds \(shape) bytes")
        }
        let elements = try stream.read(count: count)
        guard try stream.isAtEnd() else {
            throw TensorFileError(.malformed, "holds more than the \(count) bytes that it says")
        }
        return try Tensor(shape: shape, elements)
    }

    private static let longestRank = 4
    private static let largestFile = 1 << 31

    /// A file's bytes after decompression.
    private final class Stream {
        private let file: gzFile

        init(path: String) throws {
            guard let file = gzopen(path, "rb") else {
                throw FileError(path: path, kind: .unreadable, problem: "cannot be opened")
            }
            self.file = file
        }

        deinit { gzclose(file) }

        /// Exactly `count` bytes. Memory grows with the bytes that exist, not with the number in a damaged
        /// header.
        func read(count: Int) throws -> [UInt8] {
            var result: [UInt8] = []
            let piece = 1 << 20
            while result.count < count {
                let wanted = min(piece, count - result.count)
                let part = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                    filled = max(0, Int(gzread(file, buffer.baseAddress, UInt32(wanted))))
                }
                guard !part.isEmpty else {
                    throw TensorFileError(.malformed, "ends after \(result.count) of \(count) bytes")
                }
                result += part
            }
            return result
        }

        func isAtEnd() throws -> Bool {
            var byte: UInt8 = 0
            return gzread(file, &byte, 1) == 0
        }
    }
}
