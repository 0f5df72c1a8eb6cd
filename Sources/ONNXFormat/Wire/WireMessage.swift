import GraphIR

/// A message under construction in protobuf's wire format.
///
/// Descriptions are held as bytes. Weights are spliced in as references, and are touched only when the
/// message is written. So a message of any size takes memory for its description only.
struct WireMessage {
    private var bytes: [UInt8] = []
    /// Regions to insert before the byte of that index, in order.
    private var splices: [(index: Int, region: ByteRegion)] = []
    /// The size of the whole message in bytes.
    private(set) var count = 0

    /// Regions smaller than this are copied, for fewer writes.
    private static let smallestSplice = 4096

    /// Calls `body` with the message's bytes, piece by piece. Releases pages of mapped weights after each.
    func forEachPiece<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var start = 0
        for (index, region) in splices {
            try bytes.withBytes(start..<index, body)
            try region.withUnsafeBytes(body)
            region.releasePages()
            start = index
        }
        try bytes.withBytes(start..<bytes.count, body)
    }

    // MARK: Fields

    mutating func add<Field: FieldNumber>(_ field: Field, int value: Int64) {
        add { bytes in
            bytes.appendVarint(field.tag(.varint))
            bytes.appendVarint(UInt64(bitPattern: value))
        }
    }

    mutating func add<Field: FieldNumber>(_ field: Field, float value: Float) {
        add { bytes in
            bytes.appendVarint(field.tag(.fixed32))
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
    }

    mutating func add<Field: FieldNumber>(_ field: Field, bytes contents: some Collection<UInt8>) {
        add { bytes in
            bytes.appendVarint(field.tag(.lengthDelimited))
            bytes.appendVarint(UInt64(contents.count))
            bytes.append(contentsOf: contents)
        }
    }

    mutating func add<Field: FieldNumber>(_ field: Field, text: String) { add(field, bytes: text.utf8) }

    /// Adds a text unless it is empty, since protobuf cannot tell an empty text from a missing one.
    mutating func add<Field: FieldNumber>(_ field: Field, nonEmpty text: String) {
        if !text.isEmpty { add(field, text: text) }
    }

    mutating func add<Field: FieldNumber>(_ field: Field, region: ByteRegion) {
        guard region.count >= WireMessage.smallestSplice else {
            return region.withUnsafeBytes { add(field, bytes: $0) }
        }
        add { bytes in
            bytes.appendVarint(field.tag(.lengthDelimited))
            bytes.appendVarint(UInt64(region.count))
        }
        splices.append((bytes.count, region))
        count += region.count
    }

    mutating func add<Field: FieldNumber>(_ field: Field, message: WireMessage) {
        add { bytes in
            bytes.appendVarint(field.tag(.lengthDelimited))
            bytes.appendVarint(UInt64(message.count))
        }
        splices += message.splices.map { ($0.index + bytes.count, $0.region) }
        bytes += message.bytes
        count += message.count
    }

    private mutating func add(_ append: (inout [UInt8]) -> Void) {
        let before = bytes.count
        append(&bytes)
        count += bytes.count - before
    }
}

/// The numbers of a message's fields.
protocol FieldNumber: RawRepresentable where RawValue == UInt64 {}

extension FieldNumber {
    fileprivate func tag(_ type: WireCursor.WireType) -> UInt64 { rawValue << 3 | UInt64(type.rawValue) }
}

extension [UInt8] {
    /// Calls `body` with a part of the bytes.
    fileprivate func withBytes<Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try withUnsafeBufferPointer { buffer throws(Failure) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[range])))
        }
    }
}
