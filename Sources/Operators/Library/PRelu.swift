import GraphIR

/// `PRelu`: y = x for x >= 0, slope * x below; the slope is broadcast to x (ONNX PRelu-7, 9, 16).
public struct PRelu: Operator {
    public let name = "PRelu"
    public let versions = [7, 9, 16]

    /// The slopes.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { position == 1 }

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let slope = try context.required(inputs, 1)
        let broadcast = try Broadcast(context, [x.shape, slope.shape])
        guard broadcast.shape == x.shape else {
            throw context.error(.shape, "slope \(slope.type) does not fit input \(x.type)")
        }
        let slopes = broadcast.spread(try slope.reals(context), of: slope.shape)
        let results = zip(try x.reals(context), slopes).map { $0 < 0 ? $0 * $1 : $0 }
        return [try context.tensor(x.elementType, x.shape, reals: results)]
    }
}
