import GraphIR
import Operators

/// The meaning of a tensor of bytes: an element q stands for (q - zero) * scale.
struct LinearQuantization: Sendable, Equatable {
    /// A normal, positive number.
    let scale: Float
    let zero: Int
    let isSigned: Bool

    /// Nil unless the scale is one normal, positive number of type float32, and the zero point one element of the type,
    /// or left out.
    init?(scale: Tensor?, zero: Tensor?, of type: ElementType?) {
        guard let scale, scale.elementCount == 1, scale.elementType == .float32,
            let number = scale.floats?.first,
            number.isNormal, number > 0, let type, type == .uint8 || type == .int8
        else { return nil }
        if let zero {
            guard zero.elementType == type, zero.elementCount == 1, let point = zero.integers?.first else {
                return nil
            }
            self.zero = point
        } else {
            self.zero = 0
        }
        self.scale = number
        isSigned = type == .int8
    }

    /// The numbers that an element can be.
    var range: ClosedRange<Int> { isSigned ? -128...127 : 0...255 }

    /// The elements whose numbers lie between `low` and `high`, as far as quantising the bounds tells.
    func elements(from low: Float, to high: Float) -> ClosedRange<Int> {
        let (first, last) = (element(of: low), element(of: high))
        return first...max(first, last)
    }

    /// The element that stands for a number, by the rule of QuantizeLinear.
    func element(of number: Float) -> Int {
        let steps = (number / scale).rounded(.toNearestOrEven)
        guard steps > Float(range.lowerBound - zero) else { return range.lowerBound }
        guard steps < Float(range.upperBound - zero) else { return range.upperBound }
        return Int(steps) + zero
    }
}

/// A value that is a tensor of bytes, and what they mean.
struct QuantizedValue {
    let bytes: ValueID
    let quantization: LinearQuantization
}

extension PatternContext {
    /// The first operand of ConvInteger or MatMulInteger, in steps of 1; nil unless both zero points are constant or
    /// left out.
    func integerOperand(_ node: Node) -> QuantizedValue? {
        guard let bytes = node.input(0), let x = type(of: bytes),
            node.input(2) == nil || constant(node.input(2)) != nil,
            node.input(3) == nil || constant(node.input(3)) != nil,
            let quantization = LinearQuantization(
                scale: Tensor(scalar: Float(1)), zero: constant(node.input(2)), of: x.elementType)
        else { return nil }
        return QuantizedValue(bytes: bytes, quantization: quantization)
    }

    /// The quantisation that two inputs of a node name, for elements of the type; nil unless they are constant
    /// and hold one element each.
    func quantization(_ node: Node, scale: Int, zero: Int, of type: ElementType?) -> LinearQuantization? {
        if node.input(zero) != nil, constant(node.input(zero)) == nil { return nil }
        return LinearQuantization(
            scale: constant(node.input(scale)), zero: constant(node.input(zero)), of: type)
    }

    /// The bytes that the value is dequantised from, if one quantisation applies to all of them.
    func dequantized(_ value: ValueID?) -> QuantizedValue? {
        guard let value, let node = graph.producer(of: value),
            node.isQuantizationOperator("DequantizeLinear"),
            let bytes = node.input(0), let type = type(of: bytes)?.elementType,
            self.type(of: value)?.elementType == .float32,
            let quantization = quantization(node, scale: 1, zero: 2, of: type)
        else { return nil }
        return QuantizedValue(bytes: bytes, quantization: quantization)
    }

    /// A node's two operands at these positions: bytes, their scale and their zero point.
    func quantized(_ node: Node, bytes: Int, scale: Int, zero: Int) -> QuantizedValue? {
        guard let id = node.input(bytes), let type = type(of: id)?.elementType,
            let quantization = quantization(node, scale: scale, zero: zero, of: type)
        else { return nil }
        return QuantizedValue(bytes: id, quantization: quantization)
    }

    /// The only reader of a value that nothing else needs.
    func follower(of value: ValueID?) -> Node? {
        guard let value, !results.contains(value), specialization.constants[value] == nil else { return nil }
        return graph.soleConsumer(of: value)
    }

    /// What a node's float output is clamped to and quantised as, and the nodes that do so:
    ///
    ///     value -> [Relu or Clip] -> QuantizeLinear -> bytes
    func quantizing(_ value: ValueID?) throws -> Quantizing? {
        guard var reader = follower(of: value) else { return nil }
        var (nodes, bounds): ([Node], (low: Float, high: Float)?) = ([], nil)
        if !reader.isQuantizationOperator("QuantizeLinear") {
            let request = request(reader)
            guard reader.isOperator("Relu") || reader.isOperator("Clip"), reader.input(0) == value,
                request.isFloat,
                let clamp = try ElementwiseUnary.clampBounds(request),
                let next = follower(of: reader.output(0))
            else { return nil }
            bounds = clamp
            nodes.append(reader)
            reader = next
        }
        guard reader.isQuantizationOperator("QuantizeLinear"),
            reader.input(0) == nodes.last?.output(0) ?? value,
            let bytes = reader.output(0), let type = type(of: bytes)?.elementType,
            let quantization = quantization(reader, scale: 1, zero: 2, of: type)
        else { return nil }
        return Quantizing(
            nodes: nodes + [reader], result: QuantizedValue(bytes: bytes, quantization: quantization),
            range: bounds.map { quantization.elements(from: $0.low, to: $0.high) } ?? quantization.range)
    }
}

/// The nodes that clamp and quantise a value.
struct Quantizing {
    let nodes: [Node]
    let result: QuantizedValue
    /// The elements that the clamp allows.
    let range: ClosedRange<Int>
}
