import GraphIR

/// The header of NumPy's `.npy` format, versions 1 to 3.
///
///     \x93NUMPY  major minor  length (2 bytes; 4 from version 2)  {'descr': '<f4', 'fortran_order': ...}
struct NumPyHeader: Equatable {
    var elementType: ElementType
    var isBigEndian: Bool
    var isFortranOrder: Bool
    var shape: [Int]
    /// The offset of the data.
    var dataOffset: Int
    /// The size of the data in bytes.
    var dataCount: Int

    /// The longest accepted header; NumPy's own limit is 10,000 characters.
    static let longest = 64 << 10
    /// The most dimensions of an array, as in NumPy 2.
    static let maximumRank = 64

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads the header at the start of `bytes`, which need not contain any data.
    ///
    /// - Throws: `TensorFileError`, `.malformed` or `.unsupported`.
    init(_ bytes: UnsafeRawBufferPointer) throws(TensorFileError) {
        guard bytes.count >= 10, bytes.prefix(6).elementsEqual(NumPyHeader.magic) else {
            throw TensorFileError(.malformed, "is not a .npy file")
        }
        let lengthSize = bytes[6] == 1 ? 2 : 4
        guard (1...3).contains(bytes[6]), bytes.count >= 8 + lengthSize else {
            throw TensorFileError(.unsupported, "is of .npy version \(bytes[6]), which is not handled")
        }
        let length = bytes[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
        dataOffset = 8 + lengthSize + length
        guard length <= NumPyHeader.longest, dataOffset <= bytes.count else {
            throw TensorFileError(.malformed, "its header is cut off or too long")
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[8 + lengthSize..<dataOffset])
        var entries = PythonLiteral(text)
        let fields = try entries.dictionary()
        guard case .text(let descr)? = fields["descr"], case .boolean(let order)? = fields["fortran_order"],
            case .tuple(let shape)? = fields["shape"], fields.count == 3
        else { throw TensorFileError(.malformed, "its header lacks descr, fortran_order or shape") }
        (elementType, isBigEndian) = try NumPyHeader.type(descr)
        isFortranOrder = order
        self.shape = shape
        guard shape.count <= NumPyHeader.maximumRank, let count = Shape.elementCount(of: shape),
            let size = elementType.byteCount(of: count)
        else { throw TensorFileError(.malformed, "its shape is impossible: \(shape)") }
        dataCount = size
    }

    /// The header that NumPy writes before a tensor's bytes, padded so that the data start at a multiple
    /// of 64 bytes.
    ///
    /// - Throws: `TensorFileError.unsupported` for element types that NumPy lacks.
    static func bytes(for type: TensorType, shape: [Int]) throws(TensorFileError) -> [UInt8] {
        guard let code = codes.first(where: { $0.type == type.elementType })?.code else {
            throw TensorFileError(
                .unsupported, "NumPy has no \(type.elementType.onnxName)", remedy: "write a .pb file instead")
        }
        let order = code.hasSuffix("1") ? "|" : "<"
        let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = Array(
            "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
        let size = (magic.count + 4 + text.count + 1 + 63) / 64 * 64
        text += [UInt8](repeating: UInt8(ascii: " "), count: size - magic.count - 4 - text.count - 1)
        text.append(UInt8(ascii: "\n"))
        return magic + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
    }

    private static let codes: [(code: String, type: ElementType)] = [
        ("b1", .bool), ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64), ("u1", .uint8),
        ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("f2", .float16), ("f4", .float32),
        ("f8", .float64), ("c8", .complex64), ("c16", .complex128),
    ]

    private static func type(_ descr: String) throws(TensorFileError) -> (ElementType, Bool) {
        guard let order = descr.first, "<>|=".contains(order),
            let type = codes.first(where: { $0.code == descr.dropFirst() })?.type
        else { throw TensorFileError(.unsupported, "holds elements of NumPy type \"\(descr)\"") }
        return (type, order == ">")
    }
}
