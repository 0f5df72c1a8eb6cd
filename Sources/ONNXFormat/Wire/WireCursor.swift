/// A position in protobuf's wire format, bounds-checked at every step.
struct WireCursor {
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private(set) var end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    /// Limits reading to `end`; callers pass only ends that were checked before.
    mutating func enter(end: Int) { self.end = end }

    mutating func readVarint() throws(ONNXFormatError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            guard offset < end else { throw malformed("a number is cut off") }
            let byte = bytes[offset]
            offset += 1
            // The tenth byte holds one bit; further bits are dropped, as in protobuf.
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw malformed("a number has more than ten bytes")
    }

    mutating func readTag() throws(ONNXFormatError) -> (field: UInt32, type: WireType) {
        let start = offset
        let tag = try readVarint()
        guard let type = WireType(rawValue: UInt8(tag & 7)) else {
            offset = start
            throw malformed("wire type \(tag & 7) does not exist in ONNX files")
        }
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else {
            offset = start
            throw malformed("field number \(tag >> 3) is impossible")
        }
        return (UInt32(tag >> 3), type)
    }

    /// The range of a length-delimited field's contents; the cursor stays at its start.
    mutating func readLength() throws(ONNXFormatError) -> Range<Int> {
        let length = try readVarint()
        guard length <= UInt64(end - offset) else {
            throw malformed("a field of \(length) bytes ends \(length - UInt64(end - offset)) bytes too late")
        }
        return offset..<offset + Int(length)
    }

    mutating func skip(to position: Int) { offset = position }

    /// Skips the value of a field and returns the range of its contents (without a length prefix).
    mutating func skipValue(_ type: WireType) throws(ONNXFormatError) -> Range<Int> {
        let start = offset
        switch type {
        case .varint:
            _ = try readVarint()
            return start..<offset
        case .fixed64: return try skipBytes(8)
        case .fixed32: return try skipBytes(4)
        case .lengthDelimited:
            let range = try readLength()
            offset = range.upperBound
            return range
        }
    }

    private mutating func skipBytes(_ count: Int) throws(ONNXFormatError) -> Range<Int> {
        guard end - offset >= count else { throw malformed("a number is cut off") }
        defer { offset += count }
        return offset..<offset + count
    }

    func malformed(_ problem: String) -> ONNXFormatError {
        ONNXFormatError(.malformed, place: "byte \(offset)", problem)
    }
}
