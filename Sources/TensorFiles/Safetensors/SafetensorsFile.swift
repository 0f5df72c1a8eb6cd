import FoundationEssentials
import GraphIR

/// The `.safetensors` format: named tensors, as Hugging Face's library writes them.
///
///     8 bytes    N, little-endian
///     N bytes    JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
///     the rest   the tensors' bytes, row-major and little-endian; offsets count from here
enum SafetensorsFile {
    /// The longest header that the format's own library accepts.
    static let maximumHeader = 100_000_000
    static let maximumCount = 100_000

    private struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    /// An entry, or the table of texts that a file may have besides its tensors.
    private enum Member: Decodable {
        case tensor(Entry)
        case metadata

        init(from decoder: any Decoder) throws {
            if decoder.codingPath.last?.stringValue == "__metadata__" {
                self = .metadata
            } else {
                self = .tensor(try Entry(from: decoder))
            }
        }
    }

    /// The tensors in `bytes`, in the order of their data; they are references into the bytes.
    ///
    /// - Throws: `TensorFileError` if the header is not in the format, or a tensor's bytes do not lie within
    ///   the file, overlap another's, or do not match its shape in number.
    static func parse(_ bytes: ByteRegion) throws -> [NamedTensor] {
        let lengthSize = MemoryLayout<UInt64>.size
        guard let lengthBytes = bytes.slice(offset: 0, count: lengthSize) else {
            throw TensorFileError(.malformed, "is shorter than the length of its header")
        }
        let length = lengthBytes.withUnsafeBytes { bytes in
            bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        guard length <= UInt64(maximumHeader) else {
            throw TensorFileError(.limit, "says that its header is \(length) bytes long")
        }
        let dataStart = lengthSize + Int(length)
        guard let header = bytes.slice(offset: lengthSize, count: Int(length)),
            let data = bytes.slice(offset: dataStart, count: bytes.count - dataStart)
        else { throw TensorFileError(.malformed, "ends within its header") }
        let members: [String: Member]
        do {
            members = try header.withUnsafeBytes {
                try JSONDecoder().decode([String: Member].self, from: Data($0))
            }
        } catch {
            throw TensorFileError(.malformed, "its header is no JSON table of tensors")
        }
        guard members.count <= maximumCount else {
            throw TensorFileError(.limit, "holds \(members.count) tensors")
        }
        let entries = members.compactMap { name, member in
            if case .tensor(let entry) = member { (name: name, entry: entry) } else { nil }
        }.sorted {
            let (a, b) = ($0.entry.offsets, $1.entry.offsets)
            return (a.first ?? 0, a.last ?? 0, $0.name) < (b.first ?? 0, b.last ?? 0, $1.name)
        }
        guard !entries.isEmpty else { throw TensorFileError(.malformed, "holds no tensors") }
        var end = 0
        return try entries.map { name, entry in
            do {
                let tensor = try self.tensor(entry, data, after: end)
                end += tensor.bytes.count
                return NamedTensor(name: name, tensor: tensor)
            } catch var error as TensorFileError {
                error.diagnostic.place = "tensor \"\(name)\""
                throw error
            }
        }
    }

    private static func tensor(_ entry: Entry, _ data: ByteRegion, after end: Int) throws -> Tensor {
        guard let type = types[entry.dtype] else {
            throw TensorFileError(.unsupported, "is of type \(entry.dtype.prefix(16))")
        }
        // The format allows no gaps between tensors; this check also keeps them from sharing bytes.
        guard entry.offsets.count == 2, entry.offsets[0] == end, entry.offsets[1] >= end,
            let bytes = data.slice(offset: end, count: entry.offsets[1] - end)
        else {
            throw TensorFileError(.malformed, "its bytes do not follow those before, or leave the file")
        }
        guard entry.shape.count <= 64, let count = Shape.elementCount(of: entry.shape),
            type.byteCount(of: count) == bytes.count
        else {
            throw TensorFileError(
                .malformed,
                "its \(bytes.count) bytes are not what a shape of \(entry.shape.prefix(8)) asks for")
        }
        return try Tensor(type, shape: entry.shape, bytes: bytes)
    }

    private static let types: [String: ElementType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32,
        "I16": .int16, "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8,
        "BOOL": .bool,
    ]
}
