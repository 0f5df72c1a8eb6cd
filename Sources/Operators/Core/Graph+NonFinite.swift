import GraphIR

extension Graph {
    /// The initialisers that hold NaN or infinite numbers, in the order they were added. O(bytes of weights).
    public var nonFiniteInitializers: [Value] {
        initializers.filter { $0.initializer?.holdsNonFiniteNumbers ?? false }
    }
}

extension Tensor {
    /// Whether an element is NaN or infinite: all bits of its exponent are set.
    fileprivate var holdsNonFiniteNumbers: Bool {
        switch elementType {
        case .float32: contains(UInt32.self) { $0 & 0x7F80_0000 == 0x7F80_0000 }
        case .float64: contains(UInt64.self) { $0 & 0x7FF0_0000_0000_0000 == 0x7FF0_0000_0000_0000 }
        case .float16: contains(UInt16.self) { $0 & 0x7C00 == 0x7C00 }
        case .bfloat16: contains(UInt16.self) { $0 & 0x7F80 == 0x7F80 }
        default: false
        }
    }

    private func contains<Bits: FixedWidthInteger & BitwiseCopyable>(
        _: Bits.Type, where isWanted: (Bits) -> Bool
    ) -> Bool {
        aligned.bytes.withUnsafeBytes { $0.assumingMemoryBound(to: Bits.self).contains(where: isWanted) }
    }
}
