extension Tensor {
    /// Calls `body` with the elements; the buffer is valid for the call only.
    ///
    /// Bytes at an odd address in a file are copied to an aligned block first; otherwise O(1).
    ///
    /// - Throws: `TensorError.elementType` if the tensor's elements are not `Element`s, or what `body`
    ///   throws.
    public func withElements<Element: TensorElement, Result>(
        of _: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) throws -> Result {
        guard elementType == Element.elementType else {
            throw TensorError.elementType(expected: Element.elementType, found: elementType)
        }
        if Element.self == Bool.self { return try withNormalisedBools(body) }
        let region = aligned.bytes
        return try region.withUnsafeBytes { try body($0.assumingMemoryBound(to: Element.self)) }
    }

    /// The same tensor with its bytes aligned for its elements.
    public var aligned: Tensor {
        let stride = max(1, elementType.bitWidth / 8)
        guard !bytes.isAligned(to: stride) else { return self }
        let copy = bytes.withUnsafeBytes(ByteRegion.init(copying:))
        return (try? Tensor(elementType, shape: shape, bytes: copy)) ?? self
    }

    /// The elements as an array.
    ///
    /// - Throws: `TensorError.elementType` if they are not `Element`s.
    public func elements<Element: TensorElement>(of type: Element.Type) throws -> [Element] {
        try withElements(of: type) { Array($0) }
    }

    /// The elements of an integer tensor (any width, or bool) as `Int`; nil for other types and for
    /// `uint64` values beyond `Int.max`.
    public var integers: [Int]? {
        func widen<Element: TensorElement & BinaryInteger>(_: Element.Type) -> [Int]? {
            try? withElements(of: Element.self) { elements in
                var result: [Int] = []
                result.reserveCapacity(elements.count)
                for element in elements {
                    guard let value = Int(exactly: element) else { return nil }
                    result.append(value)
                }
                return result
            }
        }
        switch elementType {
        case .int64: return widen(Int64.self)
        case .int32: return widen(Int32.self)
        case .int16: return widen(Int16.self)
        case .int8: return widen(Int8.self)
        case .uint64: return widen(UInt64.self)
        case .uint32: return widen(UInt32.self)
        case .uint16: return widen(UInt16.self)
        case .uint8: return widen(UInt8.self)
        case .bool: return (try? elements(of: Bool.self))?.map { $0 ? 1 : 0 }
        default: return nil
        }
    }

    /// The elements of a floating-point tensor as `Float`; nil for other types.
    public var floats: [Float]? {
        switch elementType {
        case .float32: return try? elements(of: Float.self)
        case .float64: return (try? elements(of: Double.self))?.map(Float.init)
        case .float16: return (try? elements(of: Float16.self))?.map(Float.init)
        default: return nil
        }
    }

    /// Some of the elements of a float tensor, in storage order, at any address; nil for other types and for
    /// elements that do not exist.
    public func floats(in range: Range<Int>) -> [Float]? {
        guard elementType == .float32, range.lowerBound >= 0, range.upperBound <= elementCount else {
            return nil
        }
        return bytes.withUnsafeBytes { bytes in
            [Float](unsafeUninitializedCapacity: range.count) { elements, count in
                let stride = MemoryLayout<Float>.stride
                UnsafeMutableRawBufferPointer(elements).copyMemory(
                    from: UnsafeRawBufferPointer(
                        rebasing: bytes[(range.lowerBound * stride)..<(range.upperBound * stride)]))
                count = range.count
            }
        }
    }

    /// The elements of a floating-point tensor in double precision; nil for other types.
    public var doubles: [Double]? {
        elementType == .float64 ? try? elements(of: Double.self) : floats?.map(Double.init)
    }

    /// A file may hold booleans as bytes other than 0 and 1, which Swift's `Bool` must never see.
    private func withNormalisedBools<Element, Result>(
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) throws -> Result {
        let normalised = bytes.withUnsafeBytes { ByteRegion($0.map { $0 == 0 ? UInt8(0) : 1 }) }
        return try normalised.withUnsafeBytes { try body($0.assumingMemoryBound(to: Element.self)) }
    }
}
