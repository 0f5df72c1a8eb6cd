/// Writes protobuf's wire format into a byte array.
extension [UInt8] {
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Reserves room for the length of the bytes appended next; returns the position for `patchLength`.
    mutating func reserveLength() -> Int {
        append(contentsOf: repeatElement(0, count: lengthSlotSize))
        return count
    }

    /// Writes the length of everything after `slot` into the room before it, as a varint padded to five
    /// bytes, which every reader accepts. Lengths below 2^35 fit.
    mutating func patchLength(at slot: Int) {
        var length = count - slot
        for position in slot - lengthSlotSize..<slot - 1 {
            self[position] = UInt8(truncatingIfNeeded: length) | 0x80
            length >>= 7
        }
        self[slot - 1] = UInt8(truncatingIfNeeded: length) & 0x7F
    }
}

private let lengthSlotSize = 5
