import GraphIR

/// Elements widened for plain arithmetic: floating point to `Double`, integers and booleans to `Int`.
extension Tensor {
    /// The elements of a numeric or boolean tensor as `Double`.
    ///
    /// - Throws: `OperatorError.elementType` if the elements are not numbers.
    func reals(_ context: OperatorContext) throws -> [Double] {
        switch elementType {
        case .float32: return try elements(of: Float.self).map(Double.init)
        case .float64: return try elements(of: Double.self)
        case .float16: return try elements(of: Float16.self).map(Double.init)
        case .bfloat16:
            let halves = try Tensor(.uint16, shape: shape, bytes: bytes).elements(of: UInt16.self)
            return halves.map { Double(Float(bitPattern: UInt32($0) << 16)) }
        default: return try wholeNumbers(context).map(Double.init)
        }
    }

    /// The elements of an integer or boolean tensor as `Int`.
    ///
    /// - Throws: `OperatorError.elementType` for other element types, and for `uint64` beyond `Int.max`.
    func wholeNumbers(_ context: OperatorContext) throws(OperatorError) -> [Int] {
        guard let integers else {
            throw context.error(.elementType, "does not take these \(elementType.onnxName) elements")
        }
        return integers
    }
}

extension ElementType {
    /// Whether `Tensor.wholeNumbers` can read the elements.
    var isInteger: Bool {
        switch self {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: true
        default: false
        }
    }
}

extension OperatorContext {
    /// A tensor of `type` that holds `reals`: floating-point numbers are rounded once, to nearest even;
    /// integers are truncated towards zero and clamped to the type's range, with 0 for NaN; a bool is whether
    /// the number is not zero.
    func tensor(_ type: ElementType, _ shape: [Int], reals: [Double]) throws -> Tensor {
        switch type {
        case .float32: return try Tensor(shape: shape, reals.map { Float($0) })
        case .float64: return try Tensor(shape: shape, reals)
        case .float16: return try Tensor(shape: shape, reals.map { Float16($0) })
        case .bfloat16:
            let halves = try Tensor(shape: shape, reals.map { Float($0).bfloat16Bits })
            return try Tensor(.bfloat16, shape: shape, bytes: halves.bytes)
        case .bool: return try Tensor(shape: shape, reals.map { $0 != 0 })
        case .int8: return try Tensor(shape: shape, reals.map { Int8(clamping: $0.truncatedToInt) })
        case .int16: return try Tensor(shape: shape, reals.map { Int16(clamping: $0.truncatedToInt) })
        case .int32: return try Tensor(shape: shape, reals.map { Int32(clamping: $0.truncatedToInt) })
        case .int64: return try Tensor(shape: shape, reals.map { Int64($0.truncatedToInt) })
        case .uint8: return try Tensor(shape: shape, reals.map { UInt8(clamping: $0.truncatedToInt) })
        case .uint16: return try Tensor(shape: shape, reals.map { UInt16(clamping: $0.truncatedToInt) })
        case .uint32: return try Tensor(shape: shape, reals.map { UInt32(clamping: $0.truncatedToInt) })
        case .uint64: return try Tensor(shape: shape, reals.map { UInt64(clamping: $0.truncatedToInt) })
        default: throw error(.elementType, "does not make \(type.onnxName) elements")
        }
    }

    /// A tensor of `type` that holds `integers`, wrapped around to the type's width.
    func tensor(_ type: ElementType, _ shape: [Int], integers: [Int]) throws -> Tensor {
        switch type {
        case .int8: try Tensor(shape: shape, integers.map { Int8(truncatingIfNeeded: $0) })
        case .int16: try Tensor(shape: shape, integers.map { Int16(truncatingIfNeeded: $0) })
        case .int32: try Tensor(shape: shape, integers.map { Int32(truncatingIfNeeded: $0) })
        case .int64: try Tensor(shape: shape, integers.map { Int64($0) })
        case .uint8: try Tensor(shape: shape, integers.map { UInt8(truncatingIfNeeded: $0) })
        case .uint16: try Tensor(shape: shape, integers.map { UInt16(truncatingIfNeeded: $0) })
        case .uint32: try Tensor(shape: shape, integers.map { UInt32(truncatingIfNeeded: $0) })
        case .uint64: try Tensor(shape: shape, integers.map { UInt64(truncatingIfNeeded: $0) })
        case .bool: try Tensor(shape: shape, integers.map { $0 != 0 })
        default: try tensor(type, shape, reals: integers.map(Double.init))
        }
    }
}

extension Double {
    /// The number without its fraction, clamped to the range of `Int`; 0 for NaN.
    var truncatedToInt: Int {
        if isNaN { return 0 }
        return Int(exactly: rounded(.towardZero)) ?? (self < 0 ? .min : .max)
    }
}

extension Float {
    /// The number as a bfloat16: the upper half of the bits, rounded to nearest even.
    fileprivate var bfloat16Bits: UInt16 {
        if isNaN { return 0x7FC0 }
        let rounding = 0x7FFF + (bitPattern >> 16 & 1)
        return UInt16(truncatingIfNeeded: (bitPattern &+ rounding) >> 16)
    }
}
