import GraphIR

/// `Concat`: the inputs concatenated along an axis (ONNX Concat-4, 11, 13).
public struct Concat: Operator {
    public let name = "Concat"
    public let versions = [4, 11, 13]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...OperatorSchema.unbounded, .required("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputTypes.lazy.compactMap({ $0?.elementType }).first else { return [nil] }
        var shapes: [Shape] = []
        for position in 0..<context.inputCount {
            guard let shape = context.shape(position) else { return [TensorType(type, nil)] }
            shapes.append(shape)
        }
        return [TensorType(type, try concatenated(context, shapes))]
    }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        var result: [Dim] = []
        for position in 0..<context.inputCount {
            guard let shape = context.shape(position), shape.rank == 1, let count = shape[0].value,
                result.count + count <= 64
            else { return nil }
            result += context.extents(input: position) ?? [Dim](repeating: .unknown, count: count)
        }
        return result
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        var operands: [Tensor] = []
        for position in inputs.indices { operands.append(try context.required(inputs, position)) }
        let first = try context.required(inputs, 0)
        guard operands.allSatisfy({ $0.elementType == first.elementType }) else {
            throw context.error(.elementType, "the inputs differ in their element type")
        }
        let shape = try concatenated(context, operands.map { Shape($0.shape) }).extents ?? []
        let axis = try axis(context, rank: first.rank)
        var result = try TensorAssembler(context, first.elementType, shape: shape)
        guard !result.isEmpty else { return [try result.finish()] }
        let outer = shape[..<axis].reduce(1, *)
        let row = shape[axis...].reduce(1, *)
        var start = 0
        for operand in operands {
            let chunk = operand.shape[axis...].reduce(1, *)
            for index in 0..<outer {
                result.copy(operand, from: index * chunk, count: chunk, to: index * row + start)
            }
            start += chunk
        }
        return [try result.finish()]
    }

    private func axis(_ context: OperatorContext, rank: Int) throws(OperatorError) -> Int {
        guard let axis = try context.int("axis") else {
            throw context.error(.attribute, "attribute \"axis\" is missing")
        }
        return try context.axis(axis, rank: rank)
    }

    private func concatenated(_ context: OperatorContext, _ shapes: [Shape]) throws(OperatorError) -> Shape {
        guard var result = shapes.first else { throw context.error(.arity, "has no inputs") }
        let axis = try axis(context, rank: result.rank)
        for shape in shapes.dropFirst() {
            guard shape.rank == result.rank else {
                throw context.error(.shape, "inputs \(result) and \(shape) differ in rank")
            }
            for other in 0..<shape.rank where other != axis {
                guard let merged = result[other].merged(with: shape[other]) else {
                    throw context.error(
                        .shape, "inputs \(result) and \(shape) cannot be joined on axis \(axis)")
                }
                result[other] = merged
            }
        }
        result[axis] = Dim.sum(shapes.map { $0[axis] })
        return result
    }
}
