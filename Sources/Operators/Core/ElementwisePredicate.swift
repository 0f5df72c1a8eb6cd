import GraphIR

/// An operator that tests each floating-point element of its only input; its results are booleans.
public protocol ElementwisePredicate: Operator {
    /// The test, with its parameters from the attributes.
    func holds(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Bool
}

extension ElementwisePredicate {
    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [TensorType(.bool, context.shape(0))]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard x.elementType.isFloatingPoint else {
            throw context.error(.elementType, "does not take \(x.elementType.onnxName) elements")
        }
        return [try Tensor(shape: x.shape, try x.reals(context).map(try holds(context)))]
    }
}
