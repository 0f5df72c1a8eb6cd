import GraphIR

/// An operator of onnxruntime that computes what an operator of ONNX computes on the numbers for which quantised
/// operands stand, and quantises its result:
///
///     y = saturate(round(f((a - a_zero_point) * a_scale, ...) / y_scale) + y_zero_point)
///
/// Each quantised operand is three inputs: bytes, scale, and zero point, which is 0 if it is left out. Scales and zero
/// points hold one element each. Runtimes order the roundings differently: results may differ by one step.
protocol LinearQuantizedOperator: QuantizedOperator {
    /// The operator on numbers.
    var function: any Operator { get }
    /// The function's inputs.
    func operands(inputCount: Int) -> [LinearOperand]
    /// The position of the result's scale; its zero point is the next input.
    var resultScale: Int { get }
    /// Refuses attributes of the node that the function does not have.
    func check(_ context: OperatorContext) throws(OperatorError)
    /// The opset version of the function's definition.
    func functionOpset(_ context: OperatorContext) throws(OperatorError) -> Int
}

/// An input of the function behind a quantised operator, by its position among the operator's inputs.
enum LinearOperand {
    /// The bytes; scale and zero point are the next two inputs.
    case quantized(Int)
    /// An input that the function reads as it is.
    case plain(Int)

    var position: Int {
        switch self {
        case .quantized(let position), .plain(let position): position
        }
    }
}

extension LinearQuantizedOperator {
    public var domain: String { "com.microsoft" }
    public var versions: [Int] { [1] }

    func check(_ context: OperatorContext) throws(OperatorError) {}
    func functionOpset(_ context: OperatorContext) throws(OperatorError) -> Int { 13 }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try check(context)
        let operands = operands(inputCount: context.inputCount)
        let bytes = operands.lazy.compactMap { operand -> ElementType? in
            if case .quantized(let position) = operand {
                context.inputType(position)?.elementType
            } else {
                nil
            }
        }
        guard let type = context.inputType(resultScale + 1)?.elementType ?? bytes.first,
            let result = try function.inferTypes(try functionContext(context)).first
        else { return [nil] }
        return [TensorType(type, result?.shape)]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let facts = try? functionContext(context) else { return nil }
        return function.cost(facts.knowing(outputTypes: context.outputTypes))
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        try check(context)
        let operands = operands(inputCount: inputs.count)
        let numbers = try operands.map { operand in
            switch operand {
            case .quantized(let position): try context.dequantized(inputs, at: position)
            case .plain(let position): try context.required(inputs, position)
            }
        }
        let facts = try functionContext(context, constants: numbers)
        guard let result = try function.evaluate(facts, numbers).first else {
            throw context.error(.unsupported, "computes nothing")
        }
        let bytes = operands.lazy.compactMap { operand -> ElementType? in
            if case .quantized(let position) = operand { inputs[position]?.elementType } else { nil }
        }.first
        return [try context.quantized(result, inputs, scaleAt: resultScale, like: bytes ?? .uint8)]
    }

    /// The facts about the function's application.
    private func functionContext(
        _ context: OperatorContext, constants: [Tensor?]? = nil
    ) throws(OperatorError) -> OperatorContext {
        let operands = operands(inputCount: context.inputCount)
        let types = operands.map { operand in
            switch operand {
            case .quantized(let position): context.inputType(position).map { TensorType(.float32, $0.shape) }
            case .plain(let position): context.inputType(position)
            }
        }
        return OperatorContext(
            label: context.label, attributes: context.attributes, opset: try functionOpset(context),
            inputTypes: types, isPresent: operands.map { context.hasInput($0.position) },
            constants: constants ?? operands.map { _ in nil }, extents: operands.map { _ in nil },
            outputCount: 1)
    }
}

extension OperatorContext {
    /// The numbers for which the bytes at a position stand; scale and zero point are the next two inputs.
    func dequantized(_ inputs: [Tensor?], at position: Int) throws -> Tensor {
        let bytes = try required(inputs, position)
        guard let scale = try scales(try required(inputs, position + 1)).first,
            inputs[position + 1]?.elementCount == 1
        else { throw error(.shape, "a scale must be one number") }
        let zero = inputs.count > position + 2 ? inputs[position + 2] : nil
        guard zero?.elementCount ?? 1 == 1 else { throw error(.shape, "a zero point must be one number") }
        let numbers = try centred(bytes, zeroPoint: zero, axis: 0).map { Float($0) * scale }
        return try Tensor(shape: bytes.shape, numbers)
    }

    /// Numbers in the quantisation that two inputs give.
    ///
    /// - Parameter type: the element type of the result if the zero point is left out.
    func quantized(
        _ numbers: Tensor, _ inputs: [Tensor?], scaleAt position: Int, like type: ElementType
    ) throws -> Tensor {
        guard let scale = try scales(try required(inputs, position)).first,
            inputs[position]?.elementCount == 1
        else { throw error(.shape, "a scale must be one number") }
        let zeroPoint = inputs.count > position + 1 ? inputs[position + 1] : nil
        let type = zeroPoint?.elementType ?? type
        let zero = try zeroPoint?.wholeNumbers(self) ?? [0]
        guard let range = type.quantizedRange, zero.count == 1 else {
            throw error(.elementType, "the result's zero point must be one number of 8 bits")
        }
        let results = try numbers.reals(self).map { number in
            let steps = Double(Float(number) / scale).rounded(.toNearestOrEven)
            return min(
                max(min(max(steps, -1e9), 1e9).truncatedToInt + zero[0], range.lowerBound), range.upperBound)
        }
        return try tensor(type, numbers.shape, integers: results)
    }

    /// - Throws: `OperatorError` if the channels are the last axis.
    func requireChannelsFirst() throws(OperatorError) {
        guard try int("channels_last", default: 0) == 0 else {
            throw error(.unsupported, "channels_last is not supported", remedy: "quantise the model as NCHW")
        }
    }
}
