import GraphIR

/// `Einsum`: the sum of products of the inputs' elements over the indices that the output lacks
/// (ONNX Einsum-12, 28).
///
/// `equation`, such as `bij,bjk->bik`, gives each axis of each input an index. Axes with the same index run
/// together; one of extent 1 repeats. `...` stands for further axes, equally many in each term. Without `->`
/// the output has the axes of `...`, followed by the indices that occur once, sorted.
///
/// MACs, if an index of several inputs is summed over: the product of all extents, for each input after the
/// first. Anything else is a reduction or elementwise and counts as elementary operations.
public struct Einsum: Operator {
    public let name = "Einsum"
    public let versions = [12, 28]

    /// Weights, whichever operand is constant.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { constant.elementCount > 1 }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...OperatorSchema.unbounded, .required("equation", .string))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputTypes.lazy.compactMap({ $0 }).first else { return [nil] }
        return [TensorType(type.elementType, try plan(context)?.output)]
    }

    public func cost(_ context: OperatorContext) -> Cost? {
        guard let plan = try? plan(context), let extents = Shape(plan.extents).extents,
            let count = Shape.elementCount(of: extents)
        else { return nil }
        guard plan.terms.count > 1, plan.summed > 0 else { return Cost(elementaryOperations: count) }
        return .macs(count, plan.terms.count - 1)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        var operands: [Tensor] = []
        for position in inputs.indices { operands.append(try context.required(inputs, position)) }
        guard let plan = try plan(context), let extents = Shape(plan.extents).extents,
            let output = plan.output.extents, Shape.elementCount(of: extents) != nil
        else { throw context.error(.shape, "the shapes are not known, or too large together") }
        try context.checkedCount(output)
        let type = operands[0].elementType
        guard operands.allSatisfy({ $0.elementType == type }) else {
            throw context.error(.elementType, "the inputs differ in their element type")
        }
        if type.isInteger {
            let elements = try operands.map { try $0.wholeNumbers(context) }
            let sums = plan.sums(extents, operands.map(\.shape), elements, zero: 0, one: 1, &+, &*)
            return [try context.tensor(type, output, integers: sums)]
        }
        guard type.isFloatingPoint else {
            throw context.error(.elementType, "does not take \(type.onnxName) elements")
        }
        let elements = try operands.map { try $0.reals(context) }
        let sums = plan.sums(extents, operands.map(\.shape), elements, zero: 0, one: 1, +, *)
        return [try context.tensor(type, output, reals: sums)]
    }

    /// - Returns: nil if the rank of an input is unknown.
    private func plan(_ context: OperatorContext) throws(OperatorError) -> EinsumPlan? {
        guard let equation = try context.string("equation") else {
            throw context.error(.attribute, "attribute \"equation\" is missing")
        }
        var shapes: [Shape] = []
        for position in 0..<context.inputCount {
            guard let shape = context.shape(position) else { return nil }
            shapes.append(shape)
        }
        return try EinsumPlan(context, equation, shapes)
    }
}
