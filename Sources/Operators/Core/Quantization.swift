import GraphIR

/// An operator with integer weights: its constants are parameters too.
public protocol QuantizedOperator: Operator {}

/// Scale and zero point of a linear quantisation, one for all elements or one for each index of an axis.
struct Quantization {
    let scales: [Double]
    let zeroPoints: [Int]
    private let extent: Int
    private let inner: Int

    /// - Throws: `OperatorError` if scale and zero point match neither a scalar nor the axis.
    init(_ context: OperatorContext, _ shape: [Int], scale: Tensor, zeroPoint: Tensor?) throws {
        guard try context.int("block_size", default: 0) == 0 else {
            throw context.error(.unsupported, "blocked quantisation is not supported")
        }
        let scales = try scale.reals(context)
        let zeroPoints =
            try zeroPoint?.wholeNumbers(context) ?? [Int](repeating: 0, count: scales.count)
        guard scales.count == zeroPoints.count else {
            throw context.error(.shape, "scale and zero point differ in shape")
        }
        if scales.count == 1 {
            (extent, inner) = (1, 1)
        } else {
            let axis = try context.axis(try context.int("axis", default: 1), rank: shape.count)
            guard scale.rank == 1, scales.count == shape[axis] else {
                throw context.error(.shape, "scale \(scale.type) does not fit axis \(axis)")
            }
            (extent, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
        }
        self.scales = scales
        self.zeroPoints = zeroPoints
    }

    /// The index of the scale and zero point for the element at a row-major offset.
    func group(of element: Int) -> Int { element / max(inner, 1) % max(extent, 1) }
}

extension Node {
    /// Whether the node turns numbers into narrow integers or back.
    ///
    /// A pair of QuantizeLinear and DequantizeLinear says that the nodes between may compute in integers. No
    /// pass removes, merges or moves one: to a runtime the pattern of pairs is the program.
    public var isQuantization: Bool {
        ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"].contains(
            where: isQuantizationOperator)
    }

    /// Whether the node only moves numbers of its first input, or chooses the largest: on bytes of one quantisation it
    /// does the same. Runtimes compute such a node in bytes wherever its input is dequantised.
    public var commutesWithDequantization: Bool {
        domain.isEmpty && outputs.count == 1
            && [
                "MaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather",
                "Identity", "Expand", "Tile", "DepthToSpace", "SpaceToDepth",
            ].contains(operatorType)
    }

    /// Whether the node is ONNX's operator of that name, or onnxruntime's in the domain com.microsoft.
    public func isQuantizationOperator(_ name: String) -> Bool {
        operatorType == name && (domain.isEmpty || domain == "com.microsoft")
    }
}

extension ElementType {
    /// The range of a quantised tensor's elements; nil for element types that are not quantised numbers.
    var quantizedRange: ClosedRange<Int>? {
        switch self {
        case .uint8: 0...255
        case .int8: -128...127
        case .uint16: 0...65535
        case .int16: -32768...32767
        default: nil
        }
    }
}

extension OperatorContext {
    /// The elements of a quantised input minus its zero point, in double precision, which represents sums of
    /// their products exactly.
    ///
    /// - Parameters:
    ///   - zeroPoint: nil stands for 0.
    ///   - axis: the axis of a vector of zero points.
    /// - Throws: `OperatorError` if the zero point matches neither the whole tensor nor the axis.
    func centred(_ tensor: Tensor, zeroPoint: Tensor?, axis: Int) throws -> [Double] {
        guard tensor.elementType.quantizedRange != nil else {
            throw error(.elementType, "does not take \(tensor.elementType.onnxName) elements")
        }
        let elements = try tensor.wholeNumbers(self)
        guard let zeroPoint else { return elements.map(Double.init) }
        let zeros = try spread(
            try zeroPoint.wholeNumbers(self), of: zeroPoint, over: tensor.shape, axis: axis)
        return zip(elements, zeros).map { Double($0 &- $1) }
    }

    /// A scale or zero point repeated to `shape`: one element applies to all, a vector lies along `axis`, and
    /// any other shape is broadcast.
    func spread<Element>(
        _ elements: [Element], of parameter: Tensor, over shape: [Int], axis: Int
    ) throws -> [Element] {
        var own = parameter.shape
        if parameter.elementCount == 1 {
            own = []
        } else if parameter.rank == 1, shape.indices.contains(axis) {
            own += [Int](repeating: 1, count: shape.count - 1 - axis)
        }
        let broadcast = try Broadcast(self, [shape, own])
        guard broadcast.shape == shape else {
            throw error(.shape, "a scale or zero point of \(parameter.type) does not fit shape \(shape)")
        }
        return broadcast.spread(elements, of: own)
    }

    /// Sums of products of quantised numbers in the output's quantisation: saturate(round(sum * multiplier) +
    /// zero point), halves to even, in single precision as in runtimes.
    ///
    /// - Parameter multipliers: scale of A * scale of B / scale of Y, for each element.
    func requantized(
        _ sums: [Double], _ shape: [Int], multipliers: [Float], zeroPoint: Tensor
    ) throws -> Tensor {
        guard let range = zeroPoint.elementType.quantizedRange, zeroPoint.elementCount == 1,
            let zero = try zeroPoint.wholeNumbers(self).first
        else {
            throw error(.elementType, "the output's zero point must be one number, not \(zeroPoint.type)")
        }
        let results = zip(sums, multipliers).map { sum, multiplier in
            let steps = Double(Float(sum) * multiplier).rounded(.toNearestOrEven)
            return min(
                max(min(max(steps, -1e9), 1e9).truncatedToInt + zero, range.lowerBound), range.upperBound)
        }
        return try tensor(zeroPoint.elementType, shape, integers: results)
    }

    /// The scales of a quantised input in single precision.
    func scales(_ tensor: Tensor) throws -> [Float] {
        guard tensor.elementType.isFloatingPoint else {
            throw error(.elementType, "a scale of \(tensor.elementType.onnxName) elements is not possible")
        }
        return try tensor.reals(self).map { Float($0) }
    }
}
