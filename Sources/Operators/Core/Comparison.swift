import GraphIR

/// An operator that compares two broadcast inputs of the same element type; its results are booleans.
public protocol Comparison: Operator {
    func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Bool
}

extension Comparison {
    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [TensorType(.bool, try context.broadcastInputs())]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let a = try context.required(inputs, 0)
        let b = try context.required(inputs, 1)
        guard a.elementType == b.elementType else {
            throw context.error(.elementType, "the inputs differ in their element type")
        }
        let broadcast = try Broadcast(context, [a.shape, b.shape])
        func compared<Number: Comparable>(_ x: [Number], _ y: [Number]) throws -> [Tensor] {
            let pairs = zip(broadcast.spread(x, of: a.shape), broadcast.spread(y, of: b.shape))
            return [try Tensor(shape: broadcast.shape, pairs.map { compare($0, $1) })]
        }
        return a.elementType.isFloatingPoint
            ? try compared(a.reals(context), b.reals(context))
            : try compared(a.wholeNumbers(context), b.wholeNumbers(context))
    }
}
