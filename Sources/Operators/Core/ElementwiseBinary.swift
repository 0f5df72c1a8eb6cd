import GraphIR

/// An arithmetic operator on two inputs of the same element type, broadcast together.
///
/// A [...], B [...] -> C of the broadcast shape. Floating-point arithmetic is in double precision, rounded
/// once; integer arithmetic wraps around. Before opset 7 broadcasting took attributes; those forms are not
/// supported.
public protocol ElementwiseBinary: Operator {
    func real(_ a: Double, _ b: Double) -> Double

    /// - Returns: nil where the result is undefined, such as a division by zero.
    func integer(_ a: Int, _ b: Int) -> Int?

    /// The operation on extents, which may be symbols.
    func extent(_ a: Dim, _ b: Dim) -> Dim
}

extension ElementwiseBinary {
    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 2...2) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(0)?.elementType ?? context.inputType(1)?.elementType else {
            return [nil]
        }
        return [TensorType(type, try context.broadcastInputs())]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        context.zippedExtents(0, 1, extent)
    }

    public func extent(_ a: Dim, _ b: Dim) -> Dim { .unknown }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        try context.combining(inputs, real: real, integer: integer)
    }
}

extension OperatorContext {
    /// The two inputs, broadcast together and combined element by element.
    ///
    /// - Parameter integer: returns nil where the result is undefined.
    /// - Throws: `OperatorError` if they have different element types, are not numbers, do not broadcast
    ///   together, or have no result.
    func combining(
        _ inputs: [Tensor?], real: (Double, Double) -> Double, integer: (Int, Int) -> Int?
    ) throws -> [Tensor] {
        let a = try required(inputs, 0)
        let b = try required(inputs, 1)
        guard a.elementType == b.elementType else {
            throw error(.elementType, "the inputs differ in their element type")
        }
        let broadcast = try Broadcast(self, [a.shape, b.shape])
        guard a.elementType.isInteger else {
            guard a.elementType.isFloatingPoint else {
                throw error(.elementType, "does not take \(a.elementType.onnxName) elements")
            }
            let x = broadcast.spread(try a.reals(self), of: a.shape)
            let y = broadcast.spread(try b.reals(self), of: b.shape)
            return [try tensor(a.elementType, broadcast.shape, reals: zip(x, y).map(real))]
        }
        let x = broadcast.spread(try a.wholeNumbers(self), of: a.shape)
        let y = broadcast.spread(try b.wholeNumbers(self), of: b.shape)
        var results: [Int] = []
        results.reserveCapacity(x.count)
        for (p, q) in zip(x, y) {
            guard let result = integer(p, q) else {
                throw error(.contents, "\(p) and \(q) have no integer result")
            }
            results.append(result)
        }
        return [try tensor(a.elementType, broadcast.shape, integers: results)]
    }

    /// `operation` on the known contents of two shape-describing inputs, one of which may be a single element
    /// that is broadcast. Nil if either is unknown or the lengths do not match.
    func zippedExtents(_ first: Int, _ second: Int, _ operation: (Dim, Dim) -> Dim) -> [Dim]? {
        guard let a = extents(input: first), let b = extents(input: second) else { return nil }
        if a.count == b.count { return zip(a, b).map(operation) }
        if b.count == 1 { return a.map { operation($0, b[0]) } }
        if a.count == 1 { return b.map { operation(a[0], $0) } }
        return nil
    }
}
