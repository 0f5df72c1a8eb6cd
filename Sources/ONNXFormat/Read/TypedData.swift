import CONNX
import GraphIR

/// Knows which of `TensorProto`'s typed fields hold a type's elements, and unpacks them.
///
/// `float_data` and `double_data` hold their own types, and complex numbers as pairs; `int64_data` holds
/// `int64`, and `uint64_data` holds `uint64` and `uint32`. `int32_data` holds everything else: an entry holds
/// the bits of a small type, and types of less than a byte are packed into bytes first.
struct TypedData {
    let type: ElementType
    let byteCount: Int

    init(_ type: ElementType, byteCount: Int) {
        self.type = type
        self.byteCount = byteCount
    }

    var field: TensorPayload.Field {
        switch type {
        case .float32, .complex64: .floatData
        case .float64, .complex128: .doubleData
        case .int64: .int64Data
        case .uint32, .uint64: .uint64Data
        default: .int32Data
        }
    }

    /// Whether the packed field's bytes are those that `raw_data` would hold.
    var isStoredPlainly: Bool { field == .floatData || field == .doubleData }

    /// The size of an unpacked entry in bytes.
    private var entryWidth: Int {
        switch type {
        case .complex64: 4
        case .complex128: 8
        default: max(1, type.bitWidth / 8)
        }
    }

    /// The field with unpacked entries, as old writers stored them; nil if there is none.
    func looseField(of proto: Onnx__TensorProto) -> TensorPayload.Field? {
        if proto.n_float_data > 0 { return .floatData }
        if proto.n_int32_data > 0 { return .int32Data }
        if proto.n_int64_data > 0 { return .int64Data }
        if proto.n_double_data > 0 { return .doubleData }
        if proto.n_uint64_data > 0 { return .uint64Data }
        return nil
    }

    // MARK: Unpacking

    /// Joins packed parts of the type's field.
    ///
    /// - Throws: `ONNXFormatError` if the number of entries does not match the shape, or an entry does not
    ///   fit the type.
    func unpack(packed parts: [ByteRegion]) throws -> ByteRegion {
        if isStoredPlainly {
            try expect(parts.reduce(0) { $0 + $1.count }, of: byteCount)
            return ByteRegion(count: byteCount) { target in
                var offset = 0
                for part in parts {
                    part.withUnsafeBytes { target[offset...].copyBytes(from: $0) }
                    offset += part.count
                }
            }
        }
        let entries = parts.reduce(0) { count, part in
            part.withUnsafeBytes { bytes in bytes.reduce(count) { $0 + ($1 & 0x80 == 0 ? 1 : 0) } }
        }
        try expect(entries, of: byteCount / entryWidth)
        return try ByteRegion(count: byteCount) { target in
            var index = 0
            for part in parts {
                try part.withUnsafeBytes { bytes in
                    var cursor = WireCursor(bytes)
                    while cursor.offset < cursor.end, index < entries {
                        try store(cursor.readVarint(), at: index, in: target)
                        index += 1
                    }
                    guard cursor.offset == cursor.end else { throw cursor.malformed("a number is cut off") }
                }
            }
        }
    }

    /// Gathers entries that protobuf-c has decoded one by one.
    func unpack(loose proto: Onnx__TensorProto) throws -> ByteRegion {
        switch field {
        case .floatData: try copy(numbers(proto.n_float_data, proto.float_data))
        case .doubleData: try copy(numbers(proto.n_double_data, proto.double_data))
        case .int64Data: try copy(numbers(proto.n_int64_data, proto.int64_data))
        default:
            try store(
                numbers(proto.n_int32_data, proto.int32_data).map { UInt64(bitPattern: Int64($0)) }
                    + numbers(proto.n_uint64_data, proto.uint64_data))
        }
    }

    private func copy<Number>(_ numbers: UnsafeBufferPointer<Number>) throws -> ByteRegion {
        let bytes = UnsafeRawBufferPointer(numbers)
        try expect(bytes.count, of: byteCount)
        return ByteRegion(copying: bytes)
    }

    private func store(_ entries: [UInt64]) throws -> ByteRegion {
        try expect(entries.count, of: byteCount / entryWidth)
        return try ByteRegion(count: byteCount) { target in
            for (index, entry) in entries.enumerated() { try store(entry, at: index, in: target) }
        }
    }

    /// Stores one entry, which must be a signed or unsigned number of the entry's width.
    private func store(
        _ entry: UInt64, at index: Int, in target: UnsafeMutableRawBufferPointer
    ) throws(ONNXFormatError) {
        let value = Int64(bitPattern: entry)
        let bits = Int64(entryWidth * 8)
        guard bits == 64 || (value >= -(1 << (bits - 1)) && value < 1 << bits) else {
            throw ONNXFormatError(.malformed, "holds \(value), which does not fit \(type.onnxName)")
        }
        let offset = index * entryWidth
        switch entryWidth {
        case 1: target.storeBytes(of: UInt8(truncatingIfNeeded: entry), toByteOffset: offset, as: UInt8.self)
        case 2:
            target.storeBytes(of: UInt16(truncatingIfNeeded: entry), toByteOffset: offset, as: UInt16.self)
        case 4:
            target.storeBytes(of: UInt32(truncatingIfNeeded: entry), toByteOffset: offset, as: UInt32.self)
        default: target.storeBytes(of: entry, toByteOffset: offset, as: UInt64.self)
        }
    }

    private func expect(_ found: Int, of expected: Int) throws(ONNXFormatError) {
        guard found == expected else {
            throw ONNXFormatError(
                .malformed,
                "holds \(found) of the \(expected) \(type.onnxName) entries that its shape asks for")
        }
    }
}
