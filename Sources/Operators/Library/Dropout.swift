import GraphIR

/// `Dropout`: in inference the identity (ONNX Dropout-7, 10, 12, 13, 22).
///
/// data -> output like data, and optionally a mask of data's shape: all ones, of data's type before opset 10
/// and boolean from then on. From opset 12 on input 2 may ask for training mode, which is random and not
/// evaluated unless the ratio (input 1) is 0.
public struct Dropout: Operator {
    public let name = "Dropout"
    public let versions = [7, 10, 12, 13, 22]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 12
            ? OperatorSchema(inputs: 1...1, outputs: 1...2, .optional("ratio", .float))
            : OperatorSchema(inputs: 1...3, outputs: 1...2, .optional("seed", .int))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        return [data, TensorType(context.opset < 10 ? data.elementType : .bool, data.shape)]
    }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? { context.extents(input: 0) }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        if inputs.count > 2, let training = inputs[2], try training.wholeNumbers(context).first == 1 {
            guard try inputs[1]?.reals(context).first == 0 else {
                throw context.error(
                    .unsupported, "dropout in training mode is random",
                    remedy: "export the model in inference mode")
            }
        }
        guard context.outputCount > 1 else { return [data] }
        let ones = [Int](repeating: 1, count: data.elementCount)
        let type = context.opset < 10 ? data.elementType : .bool
        return [data, try context.tensor(type, data.shape, integers: ones)]
    }
}
