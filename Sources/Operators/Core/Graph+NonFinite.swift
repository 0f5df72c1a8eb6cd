import GraphIR

extension Graph {
    /// The initialisers that hold NaN or infinite numbers, in the order in which they were added. O(bytes of
    /// weights).
    ///
    /// Releases the pages of a file that large initialisers were read from.
    public var nonFiniteInitializers: [Value] {
        initializers.filter { value in
            guard let tensor = value.initializer else { return false }
            defer { if tensor.bytes.count >= 4 << 20 { tensor.bytes.releasePages() } }
            return tensor.holdsNonFiniteNumbers
        }
    }
}

extension Tensor {
    /// Whether an element is NaN or infinite: all bits of its exponent are set.
    fileprivate var holdsNonFiniteNumbers: Bool {
        switch elementType {
        case .float32: contains(all: 0x7F80_0000 as UInt32)
        case .float64: contains(all: 0x7FF0_0000_0000_0000 as UInt64)
        case .float16: contains(all: 0x7C00 as UInt16)
        case .bfloat16: contains(all: 0x7F80 as UInt16)
        default: false
        }
    }

    /// Whether an element has all bits of a mask. Works in blocks without a branch, at memory bandwidth.
    private func contains<Bits: FixedWidthInteger & BitwiseCopyable>(all mask: Bits) -> Bool {
        bytes.withUnsafeBytes { bytes in
            let stride = MemoryLayout<Bits>.stride
            let count = bytes.count / stride
            for start in Swift.stride(from: 0, to: count, by: 4096) {
                var found = Bits.zero
                for index in start..<min(start + 4096, count) {
                    let bits = bytes.loadUnaligned(fromByteOffset: index * stride, as: Bits.self)
                    found |= bits & mask == mask ? 1 : 0
                }
                if found != 0 { return true }
            }
            return false
        }
    }
}
