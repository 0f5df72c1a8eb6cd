/// One extent of a tensor: a number, a named symbol such as `N`, or unknown.
public enum Dim: Hashable, Sendable, CustomStringConvertible {
    case fixed(Int)
    case symbol(String)
    case unknown

    /// The number, where it is known.
    public var value: Int? {
        if case .fixed(let value) = self { value } else { nil }
    }

    /// Whether both are known to be the same extent.
    public func isKnownEqual(to other: Dim) -> Bool { self != .unknown && self == other }

    public var description: String {
        switch self {
        case .fixed(let value): "\(value)"
        case .symbol(let name): name
        case .unknown: "?"
        }
    }
}

extension Dim: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self = .fixed(value) }
}

/// The shape of a tensor of known rank; each extent may be a number, a symbol or unknown.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// The extents, outermost first.
    public var dims: [Dim]

    /// A shape whose extents may be open.
    public init(_ dims: [Dim]) { self.dims = dims }
    /// A shape of numbers only.
    public init(_ extents: [Int]) { dims = extents.map(Dim.fixed) }

    /// The number of extents.
    public var rank: Int { dims.count }

    /// The extents as numbers, if all are known.
    public var extents: [Int]? {
        var result: [Int] = []
        result.reserveCapacity(dims.count)
        for dim in dims {
            guard case .fixed(let value) = dim else { return nil }
            result.append(value)
        }
        return result
    }

    /// Whether every extent is a number.
    public var isStatic: Bool { dims.allSatisfy { $0.value != nil } }

    /// The number of elements, if every extent is a number and the product fits.
    public var elementCount: Int? { extents.flatMap(Shape.elementCount(of:)) }

    /// The most elements of any tensor: even the bits of this many of the largest elements can be counted.
    public static let maximumElementCount = Int.max >> 7

    /// The product of `extents`, or nil if one is negative or the product exceeds `maximumElementCount`.
    ///
    /// An extent of 0 does not hide that the others are too large. So no product of some extents of a valid
    /// tensor, and of an element's size, can overflow.
    public static func elementCount(of extents: [Int]) -> Int? {
        var product = 1
        for extent in extents {
            guard extent >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
            guard !overflow, next <= maximumElementCount else { return nil }
            product = next
        }
        return extents.contains(0) ? 0 : product
    }

    /// The extent of an axis, which must exist.
    public subscript(index: Int) -> Dim {
        get { dims[index] }
        set { dims[index] = newValue }
    }

    /// `1x3x224x224`, with `N` for symbols and `?` for unknown extents; `scalar` for rank 0.
    public var description: String {
        dims.isEmpty ? "scalar" : dims.map(\.description).joined(separator: "x")
    }
}

/// The element type of a tensor and, where known, its shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    /// The type of the elements.
    public var elementType: ElementType
    /// Nil if not even the rank is known.
    public var shape: Shape?

    /// A type of the given parts.
    public init(_ elementType: ElementType, _ shape: Shape?) {
        self.elementType = elementType
        self.shape = shape
    }

    /// A type whose extents are all numbers.
    public init(_ elementType: ElementType, _ extents: [Int]) {
        self.init(elementType, Shape(extents))
    }

    public var description: String { "\(elementType.onnxName)[\(shape?.description ?? "?")]" }

    /// The two descriptions of one value combined: a number beats a symbol, a symbol beats unknown.
    ///
    /// - Returns: nil if they contradict each other (element type, rank, or two different numbers).
    public func merged(with other: TensorType) -> TensorType? {
        guard elementType == other.elementType else { return nil }
        guard let mine = shape else { return other }
        guard let theirs = other.shape else { return self }
        guard mine.rank == theirs.rank else { return nil }
        var dims: [Dim] = []
        for (a, b) in zip(mine.dims, theirs.dims) {
            switch (a, b) {
            case (.fixed(let x), .fixed(let y)):
                guard x == y else { return nil }
                dims.append(a)
            case (.fixed, _): dims.append(a)
            case (_, .fixed): dims.append(b)
            case (.symbol, _): dims.append(a)
            default: dims.append(b)
            }
        }
        return TensorType(elementType, Shape(dims))
    }
}

/// The type of a value: a tensor, or another kind (sequence, map, optional), which is kept unchanged.
public enum ValueType: Hashable, Sendable {
    case tensor(TensorType)
    /// The serialised `TypeProto` of a type that this IR does not model.
    case opaque([UInt8])

    /// The tensor type; nil for other kinds of values.
    public var tensor: TensorType? {
        if case .tensor(let type) = self { type } else { nil }
    }
}
