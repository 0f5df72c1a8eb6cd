import GraphIR
import MixtureOfDepths

/// The contents of a generated input.
public enum InputFill: String, Sendable, CaseIterable {
    /// Normal numbers of deviation 1 in floating-point tensors, zeros in integer and boolean ones.
    case random
    case zeros
    case ones
    /// 0, 1, 2, ... in row-major order; integers that are too narrow wrap to 0.
    case arange

    /// A tensor of that type; the same generator state gives the same numbers.
    ///
    /// - Throws: `TensorError.invalidShape` for an element type that cannot be filled, or a size that
    ///   overflows.
    func tensor(_ type: ElementType, _ shape: [Int], _ generator: inout SeededGenerator) throws -> Tensor {
        switch type {
        case .float32: try floats(shape, &generator) { $0 }
        case .float16: try floats(shape, &generator, Float16.init)
        case .float64: try floats(shape, &generator, Double.init)
        case .int64: try integers(shape, Int64.self)
        case .int32: try integers(shape, Int32.self)
        case .int16: try integers(shape, Int16.self)
        case .int8: try integers(shape, Int8.self)
        case .uint64: try integers(shape, UInt64.self)
        case .uint32: try integers(shape, UInt32.self)
        case .uint16: try integers(shape, UInt16.self)
        case .uint8: try integers(shape, UInt8.self)
        case .bool: try filled(shape) { integer($0) % 2 == 1 }
        default: try zeros(shape, type)
        }
    }

    /// Elements without a Swift type can only be zeros.
    private func zeros(_ shape: [Int], _ type: ElementType) throws -> Tensor {
        guard self == .random || self == .zeros, let count = Shape.elementCount(of: shape),
            let size = type.byteCount(of: count)
        else { throw TensorError.invalidShape(shape, type) }
        return try Tensor(type, shape: shape, bytes: ByteRegion([UInt8](repeating: 0, count: size)))
    }

    private func floats<Element: TensorElement>(
        _ shape: [Int], _ generator: inout SeededGenerator, _ convert: (Float) -> Element
    ) throws -> Tensor {
        guard self == .random else { return try filled(shape) { convert(Float(integer($0))) } }
        guard let count = Shape.elementCount(of: shape) else {
            throw TensorError.invalidShape(shape, Element.elementType)
        }
        return try Tensor(shape: shape, generator.normal(count: count, deviation: 1).map(convert))
    }

    private func integers<Element: TensorElement & FixedWidthInteger>(
        _ shape: [Int], _: Element.Type
    ) throws -> Tensor {
        try filled(shape) { Element(truncatingIfNeeded: integer($0)) }
    }

    private func filled<Element: TensorElement>(
        _ shape: [Int], _ value: (Int) -> Element
    ) throws -> Tensor {
        try Tensor(shape: shape, of: Element.self) { target in
            for index in target.indices { target.initializeElement(at: index, to: value(index)) }
        }
    }

    private func integer(_ index: Int) -> Int {
        switch self {
        case .random, .zeros: 0
        case .ones: 1
        case .arange: index
        }
    }
}
