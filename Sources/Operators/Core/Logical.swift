import GraphIR

/// A logical operator on two broadcast boolean inputs.
public protocol Logical: Operator {
    func combine(_ a: Bool, _ b: Bool) -> Bool
}

extension Logical {
    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [TensorType(.bool, try context.broadcastInputs())]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let a = try context.required(inputs, 0)
        let b = try context.required(inputs, 1)
        let broadcast = try Broadcast(context, [a.shape, b.shape])
        let x = broadcast.spread(try a.elements(of: Bool.self), of: a.shape)
        let y = broadcast.spread(try b.elements(of: Bool.self), of: b.shape)
        return [try Tensor(shape: broadcast.shape, zip(x, y).map(combine))]
    }
}
