import GraphIR

/// `Clip`: y = min(max(x, low), high), elementwise (ONNX Clip-1, 6, 11, 12, 13).
///
/// The bounds are attributes `min` and `max` before opset 11, and optional scalar inputs from then on.
/// Integers are allowed from opset 12 on.
public struct Clip: Operator {
    public let name = "Clip"
    public let versions = [1, 6, 11, 12, 13]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 11
            ? OperatorSchema(inputs: 1...1, .optional("max", .float), .optional("min", .float))
            : OperatorSchema(inputs: 1...3)
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        if x.elementType.isInteger {
            let low = try bound(context, inputs, 1) { try $0.wholeNumbers(context) } ?? .min
            let high = try bound(context, inputs, 2) { try $0.wholeNumbers(context) } ?? .max
            let clipped = try x.wholeNumbers(context).map { min(max($0, low), high) }
            return [try context.tensor(x.elementType, x.shape, integers: clipped)]
        }
        let low: Double
        let high: Double
        if context.opset < 11 {
            low = Double(try context.float("min", default: -.greatestFiniteMagnitude))
            high = Double(try context.float("max", default: .greatestFiniteMagnitude))
        } else {
            low = try bound(context, inputs, 1) { try $0.reals(context) } ?? -.infinity
            high = try bound(context, inputs, 2) { try $0.reals(context) } ?? .infinity
        }
        return [try x.mapFloatingPoint(context) { $0.isNaN ? $0 : min(max($0, low), high) }]
    }

    private func bound<Number>(
        _ context: OperatorContext, _ inputs: [Tensor?], _ position: Int,
        _ widen: (Tensor) throws -> [Number]
    ) throws -> Number? {
        guard inputs.indices.contains(position), let tensor = inputs[position] else { return nil }
        guard tensor.elementCount == 1 else {
            throw context.error(.shape, "a bound must be a scalar, not \(tensor.type)")
        }
        return try widen(tensor).first
    }
}
