import GraphIR

/// An operator that applies one function to each element of its only input.
///
/// Arithmetic is in double precision and rounded once to the element type.
public protocol ElementwiseUnary: Operator {
    /// The function on floating-point elements, with its parameters from the attributes.
    func function(_ context: OperatorContext) throws(OperatorError) -> (Double) -> Double

    /// The function on integers; nil if the operator takes none.
    func integerFunction(_ context: OperatorContext) throws(OperatorError) -> ((Int) -> Int)?
}

extension ElementwiseUnary {
    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 1...1) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        [context.inputType(0)]
    }

    public func integerFunction(_ context: OperatorContext) throws(OperatorError) -> ((Int) -> Int)? { nil }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        if x.elementType.isInteger, let function = try integerFunction(context) {
            let results = try x.wholeNumbers(context).map(function)
            return [try context.tensor(x.elementType, x.shape, integers: results)]
        }
        return [try x.mapFloatingPoint(context, try function(context))]
    }
}

extension Tensor {
    /// The tensor with `transform` applied to each element; the arithmetic is in double precision and
    /// rounded once to the element type.
    ///
    /// - Throws: `OperatorError.elementType` if the elements are not floating-point numbers.
    func mapFloatingPoint(_ context: OperatorContext, _ transform: (Double) -> Double) throws -> Tensor {
        guard elementType.isFloatingPoint else {
            throw context.error(.elementType, "does not take \(elementType.onnxName) elements")
        }
        return try context.tensor(elementType, shape, reals: try reals(context).map(transform))
    }
}
