import GraphIR

/// `LayerNormalization`: y = scale * (x - mean) / sqrt(variance + epsilon) + bias, the moments taken over the
/// axes from `axis` (default -1) on (ONNX LayerNormalization-17).
///
/// X, scale and optional bias broadcast to X -> Y like X, and optionally Mean and InvStdDev with the
/// normalised axes 1. All arithmetic is in double precision; `stash_type` only sets the type of these two.
public struct LayerNormalization: Operator {
    public let name = "LayerNormalization"
    public let versions = [17]

    /// Scale and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { (1...2).contains(position) }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(
            inputs: 2...3, outputs: 1...3, .optional("axis", .int), .optional("epsilon", .float),
            .optional("stash_type", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        let stash = try stashType(context)
        guard let shape = x.shape else { return [x, TensorType(stash, nil), TensorType(stash, nil)] }
        let axis = try context.axis(try context.int("axis", default: -1), rank: shape.rank)
        let moments = TensorType(stash, shape.reduced(over: Array(axis..<shape.rank), keeping: true))
        return [x, moments, moments]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let axis = try context.axis(try context.int("axis", default: -1), rank: x.rank)
        let epsilon = Double(try context.float("epsilon", default: 1e-5))
        func parameter(_ position: Int, default value: Double) throws -> [Double] {
            guard inputs.indices.contains(position), let tensor = inputs[position] else {
                return [Double](repeating: value, count: x.elementCount)
            }
            let broadcast = try Broadcast(context, [x.shape, tensor.shape])
            guard broadcast.shape == x.shape else {
                throw context.error(.shape, "input \(position) \(tensor.type) does not fit \(x.type)")
            }
            return broadcast.spread(try tensor.reals(context), of: tensor.shape)
        }
        let scale = try parameter(1, default: 1)
        let bias = try parameter(2, default: 0)
        var values = try x.reals(context)
        let rows = values.isEmpty ? 0 : x.shape[..<axis].reduce(1, *)
        let size = x.shape[axis...].reduce(1, *)
        var (means, inverses): ([Double], [Double]) = ([], [])
        for row in 0..<rows {
            let range = (row * size)..<((row + 1) * size)
            let moments = Moments(values[range])
            let factor = moments.inverseDeviation(epsilon: epsilon)
            means.append(moments.mean)
            inverses.append(factor)
            for element in range {
                values[element] = (values[element] - moments.mean) * factor * scale[element] + bias[element]
            }
        }
        let y = try context.tensor(x.elementType, x.shape, reals: values)
        guard context.outputCount > 1 else { return [y] }
        let shape = x.shape[..<axis] + [Int](repeating: 1, count: x.rank - axis)
        let stash = try stashType(context)
        return [
            y, try context.tensor(stash, Array(shape), reals: means),
            try context.tensor(stash, Array(shape), reals: inverses),
        ]
    }

    /// The element type of the moments.
    private func stashType(_ context: OperatorContext) throws(OperatorError) -> ElementType {
        switch try context.int("stash_type", default: 1) {
        case 1: return .float32
        case 16: return .bfloat16
        case let other: throw context.error(.attribute, "stash_type \(other) is not possible")
        }
    }
}
