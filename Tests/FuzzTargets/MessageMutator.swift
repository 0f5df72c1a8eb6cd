/// Changes one thing in a model file and keeps it a protobuf message: what a byte-wise mutator, which breaks
/// the lengths around whatever it touches, hardly ever does.
public enum MessageMutator {
    /// The changed message; nil if it holds no fields.
    public static func mutate(
        _ bytes: UnsafeRawBufferPointer, using random: inout some RandomNumberGenerator
    ) -> [UInt8]? {
        var tree = WireTree(.model, reading: Array(bytes)[...])
        let places = tree.places
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard let place = places.randomElement(using: &random) else { return nil }
            let donor = places.filter { tree[$0]?.kind == tree[place]?.kind }.randomElement(using: &random)
            let gift = donor.flatMap { tree[$0]?.fields.randomElement(using: &random) }
            tree.change(at: place) { change(&$0, gift, using: &random) }
        }
        return tree.serialized
    }

    private static func change(
        _ message: inout WireTree, _ gift: WireTree.Field?, using random: inout some RandomNumberGenerator
    ) {
        guard let index = message.fields.indices.randomElement(using: &random) else {
            if let gift { message.fields.append(gift) }
            return
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: message.fields.remove(at: index)
        case 1: message.fields.insert(message.fields[index], at: index)
        case 2:
            let other = message.fields.indices.randomElement(using: &random) ?? index
            message.fields.swapAt(index, other)
        case 3:
            if let gift { message.fields.insert(gift, at: index) }
        case 4:
            // A field of the same number from another message: a name, a type, an extent.
            if let gift { message.fields[index] = gift }
        case 5:
            message.fields.append(
                WireTree.Field(UInt64.random(in: 1...26, using: &random), .varint(integer(using: &random))))
        default: message.fields[index].value = changed(message.fields[index].value, using: &random)
        }
    }

    private static func changed(
        _ value: WireTree.Value, using random: inout some RandomNumberGenerator
    ) -> WireTree.Value {
        switch value {
        case .varint: return .varint(integer(using: &random))
        case .fixed32:
            let specials: [UInt32] = [0, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0x7FC0_0000, 0x7F7F_FFFF, 1]
            let bits = specials.randomElement(using: &random) ?? 0
            return .fixed32(withUnsafeBytes(of: bits.littleEndian, Array.init))
        case .fixed64: return .fixed64((0..<8).map { _ in UInt8.random(in: 0...255, using: &random) })
        case .bytes(let contents): return .bytes(changed(contents, using: &random))
        case .message(let tree): return .bytes(changed(tree.serialized, using: &random))
        }
    }

    private static func changed(
        _ contents: [UInt8], using random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var contents = contents
        let index = contents.indices.randomElement(using: &random)
        switch (Int.random(in: 0..<5, using: &random), index) {
        case (0, let index?): contents[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case (1, let index?): contents[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        case (2, let index?): contents.removeSubrange(index...)
        case (3, _): contents.append(UInt8.random(in: 0...255, using: &random))
        default: contents = []
        }
        return contents
    }

    private static func integer(using random: inout some RandomNumberGenerator) -> UInt64 {
        let edges: [Int64] = [
            0, 1, 2, 3, 4, 7, 8, 16, 64, 255, 1 << 15, 1 << 31, 1 << 32, 1 << 40, 1 << 62, .max, .min, -1, -2,
        ]
        return UInt64(bitPattern: edges.randomElement(using: &random) ?? 0)
    }
}

extension WireTree {
    /// The place of a message in its tree: the indices of the fields on the way.
    typealias Place = [Int]

    /// The places of all messages, the outermost included.
    var places: [Place] {
        var result: [Place] = [[]]
        for (index, field) in fields.enumerated() {
            if case .message(let tree) = field.value { result += tree.places.map { [index] + $0 } }
        }
        return result
    }

    /// The message at a place; nil if an earlier change took it away.
    subscript(place: Place) -> WireTree? {
        guard let first = place.first else { return self }
        guard fields.indices.contains(first), case .message(let tree) = fields[first].value else {
            return nil
        }
        return tree[Array(place.dropFirst())]
    }

    mutating func change(at place: Place, _ body: (inout WireTree) -> Void) {
        guard let first = place.first else { return body(&self) }
        guard fields.indices.contains(first), case .message(var tree) = fields[first].value else { return }
        tree.change(at: Array(place.dropFirst()), body)
        fields[first].value = .message(tree)
    }
}

/// SplitMix64: the same seed gives the same choices everywhere.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
