import GraphIR

/// An operator on the bits of two integer inputs of the same element type, broadcast together.
public protocol BitwiseBinary: Operator {
    /// The function of two elements, sign-extended to 64 bits (unsigned ones zero-extended). The low bits of
    /// its result are kept.
    func function(_ context: OperatorContext, _ type: ElementType) throws(OperatorError) -> (Int, Int) -> Int
}

extension BitwiseBinary {
    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try context.requireOneElementType(of: 0, 1)
        guard let type = context.inputType(0)?.elementType ?? context.inputType(1)?.elementType else {
            return [nil]
        }
        return [TensorType(type, try context.broadcastInputs())]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let a = try context.required(inputs, 0)
        let b = try context.required(inputs, 1)
        try context.requireOneElementType(of: 0, 1)
        let broadcast = try Broadcast(context, [a.shape, b.shape])
        let x = broadcast.spread(try a.bitPatterns(context), of: a.shape)
        let y = broadcast.spread(try b.bitPatterns(context), of: b.shape)
        let results = zip(x, y).map(try function(context, a.elementType))
        return [try context.tensor(a.elementType, broadcast.shape, integers: results)]
    }
}

extension Tensor {
    /// The elements of an integer tensor as `Int`; those of `uint64` keep their bits.
    ///
    /// - Throws: `OperatorError.elementType` if the elements are not integers.
    func bitPatterns(_ context: OperatorContext) throws -> [Int] {
        if elementType == .uint64 { return try elements(of: UInt64.self).map(Int.init(truncatingIfNeeded:)) }
        guard elementType.isInteger else {
            throw context.error(.elementType, "does not take \(elementType.onnxName) elements")
        }
        return try wholeNumbers(context)
    }
}
