#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A reproducible source of random numbers: the same seed and name give the same numbers everywhere.
///
/// SplitMix64 (Steele, Lea, Flood 2014). Each tensor draws from a stream of its own, identified by name, so
/// adding a block does not change another block's weights.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The numbers of one stream. Streams of one seed are independent of each other.
    public init(seed: UInt64, stream: String) {
        // FNV-1a of the name, mixed with the seed.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state = seed ^ hash
        _ = next()
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in (0, 1), of 53 random bits.
    public mutating func unit() -> Double {
        (Double(next() >> 11) + 0.5) * 0x1p-53
    }

    /// Normally distributed numbers of mean 0, in pairs (Box and Muller 1958).
    public mutating func normal(count: Int, deviation: Double) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(count + 1)
        while values.count < count {
            let radius = (-2 * log(unit())).squareRoot() * deviation
            let angle = 2 * Double.pi * unit()
            values.append(Float(radius * cos(angle)))
            values.append(Float(radius * sin(angle)))
        }
        if values.count > count { values.removeLast() }
        return values
    }
}
