/// A constant tensor: element type, extents, and a reference to its bytes.
///
/// Elements are row-major and little-endian, as in ONNX's `raw_data`. Copying a tensor copies no bytes;
/// the bytes of a tensor that was read from a file stay in the file's mapping.
public struct Tensor: Sendable, Equatable {
    /// The type of the elements.
    public let elementType: ElementType
    /// The extents, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The elements' bytes; empty for string tensors.
    public let bytes: ByteRegion
    /// The elements of a string tensor, as the bytes that the file holds; empty for all others.
    public let strings: [[UInt8]]

    /// A tensor over `bytes`.
    ///
    /// - Throws: `TensorError` if an extent is negative, the size overflows, or the number of bytes does not
    ///   match the shape.
    public init(_ elementType: ElementType, shape: [Int], bytes: ByteRegion) throws(TensorError) {
        guard elementType != .string, let count = Shape.elementCount(of: shape),
            let expected = elementType.byteCount(of: count)
        else { throw TensorError.invalidShape(shape, elementType) }
        guard bytes.count == expected else {
            throw TensorError.byteCount(expected: expected, found: bytes.count, shape: shape, elementType)
        }
        self.elementType = elementType
        self.shape = shape
        self.bytes = bytes
        strings = []
    }

    /// A string tensor.
    public init(shape: [Int], strings: [[UInt8]]) throws(TensorError) {
        guard Shape.elementCount(of: shape) == strings.count else {
            throw TensorError.invalidShape(shape, .string)
        }
        elementType = .string
        self.shape = shape
        self.strings = strings
        bytes = ByteRegion([UInt8]())
    }

    /// A tensor that holds `elements`, whose number must match `shape`.
    public init<Element: TensorElement>(shape: [Int], _ elements: [Element]) throws(TensorError) {
        try self.init(Element.elementType, shape: shape, bytes: ByteRegion(elements))
    }

    /// A one-dimensional tensor.
    public init<Element: TensorElement>(_ elements: [Element]) {
        elementType = Element.elementType
        shape = [elements.count]
        bytes = ByteRegion(elements)
        strings = []
    }

    /// A scalar.
    public init<Element: TensorElement>(scalar: Element) {
        elementType = Element.elementType
        shape = []
        bytes = ByteRegion([scalar])
        strings = []
    }

    /// A tensor whose elements `initialize` writes; it must write all of them.
    ///
    /// - Throws: `TensorError.invalidShape`, or what `initialize` throws.
    public init<Element: TensorElement>(
        shape: [Int], of _: Element.Type, initialize: (UnsafeMutableBufferPointer<Element>) throws -> Void
    ) throws {
        guard let count = Shape.elementCount(of: shape),
            let size = Element.elementType.byteCount(of: count)
        else { throw TensorError.invalidShape(shape, Element.elementType) }
        elementType = Element.elementType
        self.shape = shape
        strings = []
        bytes = try ByteRegion(count: size) { try initialize($0.bindMemory(to: Element.self)) }
    }

    private init(reshaping tensor: Tensor, to shape: [Int]) {
        elementType = tensor.elementType
        self.shape = shape
        bytes = tensor.bytes
        strings = tensor.strings
    }

    /// The same elements under another shape of the same element count; nil if the counts differ.
    public func reshaped(to shape: [Int]) -> Tensor? {
        guard Shape.elementCount(of: shape) == elementCount else { return nil }
        return Tensor(reshaping: self, to: shape)
    }

    /// The number of extents; 0 for a scalar.
    public var rank: Int { shape.count }

    /// The number of elements. (The initialisers have checked that the product fits.)
    public var elementCount: Int { shape.reduce(1, *) }

    /// Element type and shape.
    public var type: TensorType { TensorType(elementType, shape) }
}

/// A tensor whose description does not match its data.
public enum TensorError: DiagnosableError, Equatable {
    case invalidShape([Int], ElementType)
    case byteCount(expected: Int, found: Int, shape: [Int], ElementType)
    case elementType(expected: ElementType, found: ElementType)

    public var diagnostic: Diagnostic {
        switch self {
        case .invalidShape(let shape, let type):
            Diagnostic(.badData, problem: "\(type.onnxName) tensor of impossible shape \(shape)")
        case .byteCount(let expected, let found, let shape, let type):
            Diagnostic(
                .badData,
                problem: "\(type.onnxName) tensor of shape \(shape) needs \(expected) bytes, has \(found)")
        case .elementType(let expected, let found):
            Diagnostic(
                .badData, problem: "a tensor of \(expected.onnxName) is needed, this one is \(found.onnxName)"
            )
        }
    }
}
