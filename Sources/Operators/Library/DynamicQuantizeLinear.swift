import GraphIR

/// `DynamicQuantizeLinear`: x quantised to uint8 over the range of its own elements, extended to include 0
/// (ONNX DynamicQuantizeLinear-11).
///
/// x float32 -> y uint8 like x, y_scale = (max - min) / 255, y_zero_point = saturate(round(-min / y_scale)),
/// both scalars; y = saturate(round(x / y_scale) + y_zero_point), halves to even, in single precision.
public struct DynamicQuantizeLinear: Operator {
    public let name = "DynamicQuantizeLinear"
    public let versions = [11]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1, outputs: 3...3) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] {
        [TensorType(.uint8, context.shape(0)), TensorType(.float32, [Int]()), TensorType(.uint8, [Int]())]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard x.elementType == .float32 else {
            throw context.error(.elementType, "does not take \(x.elementType.onnxName) elements")
        }
        let elements = try x.elements(of: Float.self)
        let (low, high) = elements.reduce((Float(0), Float(0))) { (min($0.0, $1), max($0.1, $1)) }
        let scale = (high - low) / 255
        func quantized(_ value: Float, zero: Float) -> UInt8 {
            // If the range is empty all elements are 0, which is 0 at any scale.
            guard scale > 0 else { return 0 }
            let steps = Double((value / scale).rounded(.toNearestOrEven) + zero)
            return UInt8(clamping: steps.truncatedToInt)
        }
        let zero = quantized(-low, zero: 0)
        return [
            try Tensor(shape: x.shape, elements.map { quantized($0, zero: Float(zero)) }),
            Tensor(scalar: scale), Tensor(scalar: zero),
        ]
    }
}
