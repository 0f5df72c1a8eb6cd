/// Choices that arbitrary bytes make, one byte or a few a choice; zeros once they are used up.
///
/// Small choices come first in every list, so that an input that a fuzzer shortens stays meaningful.
struct ByteSource {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isEmpty: Bool { offset >= bytes.count }

    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A number below `count`, which is at most 256.
    mutating func index(below count: Int) -> Int { count > 1 ? Int(byte()) % count : 0 }

    mutating func flag() -> Bool { byte() & 1 == 1 }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[index(below: choices.count)] }

    mutating func word() -> UInt64 { (0..<8).reduce(0) { word, _ in word << 8 | UInt64(byte()) } }

    /// An integer: mostly a small or an extreme one, sometimes any.
    mutating func integer() -> Int64 {
        let choice = byte()
        switch choice {
        case 0..<160: return Int64(choice % 10) - 2
        case 160..<200: return pick([.min, .max, -1, Int64(Int32.max), Int64(Int32.min), 1 << 31, 1 << 62])
        case 200..<230: return Int64(Int8(bitPattern: byte()))
        case 230..<245: return Int64(byte()) << 8 | Int64(byte())
        default: return Int64(bitPattern: word())
        }
    }

    /// A real number: mostly a small or a special one, sometimes any.
    mutating func real() -> Float {
        let choice = byte()
        switch choice {
        case 0..<160: return (Float(choice) - 40) / 16
        case 160..<220:
            return pick([
                .nan, .infinity, -.infinity, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e30,
                -1e9,
            ])
        default: return Float(bitPattern: UInt32(truncatingIfNeeded: word()))
        }
    }
}
