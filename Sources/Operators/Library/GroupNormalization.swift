import GraphIR

/// `GroupNormalization`: y = scale * (x - mean) / sqrt(variance + epsilon) + bias, the moments taken over
/// each group of channels of each sample (ONNX GroupNormalization-18, 21).
///
/// X [N, C, D1...Dn] -> Y like X. Scale and bias are [num_groups] before opset 21 and [C] from then on.
public struct GroupNormalization: Operator {
    public let name = "GroupNormalization"
    public let versions = [18, 21]

    /// Scale and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { (1...2).contains(position) }

    public func schema(opset: Int) -> OperatorSchema {
        opset < 21
            ? OperatorSchema(inputs: 3...3, .optional("epsilon", .float), .required("num_groups", .int))
            : OperatorSchema(
                inputs: 3...3, .optional("epsilon", .float), .required("num_groups", .int),
                .optional("stash_type", .int))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let groups = try context.int("num_groups", default: 0)
        guard x.rank >= 2, groups >= 1, x.shape[1] % groups == 0 else {
            throw context.error(.shape, "input \(x.type) does not divide into \(groups) groups")
        }
        let channels = x.shape[1]
        let scale = try context.required(inputs, 1).reals(context)
        let bias = try context.required(inputs, 2).reals(context)
        let parameters = context.opset < 21 ? groups : channels
        guard scale.count == parameters, bias.count == parameters else {
            throw context.error(.shape, "scale and bias must have \(parameters) elements")
        }
        let epsilon = Double(try context.float("epsilon", default: 1e-5))
        var values = try x.reals(context)
        guard !values.isEmpty else { return [x] }
        let plane = x.shape[2...].reduce(1, *)
        let size = channels / groups * plane
        for index in 0..<(x.shape[0] * groups) {
            let range = (index * size)..<((index + 1) * size)
            let moments = Moments(values[range])
            let factor = moments.inverseDeviation(epsilon: epsilon)
            for element in range {
                let parameter = context.opset < 21 ? index % groups : element / plane % channels
                let normal = (values[element] - moments.mean) * factor
                values[element] = normal * scale[parameter] + bias[parameter]
            }
        }
        return [try context.tensor(x.elementType, x.shape, reals: values)]
    }
}
