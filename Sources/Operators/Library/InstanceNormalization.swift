import GraphIR

/// `InstanceNormalization`: y = scale * (x - mean) / sqrt(variance + epsilon) + bias, the moments taken over
/// each channel of each sample (ONNX InstanceNormalization-6, 22).
///
/// X [N, C, D1...Dn], scale and bias [C] -> Y like X.
public struct InstanceNormalization: Operator {
    public let name = "InstanceNormalization"
    public let versions = [6, 22]

    /// Scale and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { (1...2).contains(position) }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 3...3, .optional("epsilon", .float))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard x.rank >= 2 else { throw context.error(.shape, "input \(x.type) has no channels") }
        let channels = x.shape[1]
        let scale = try context.required(inputs, 1).reals(context)
        let bias = try context.required(inputs, 2).reals(context)
        guard scale.count == channels, bias.count == channels else {
            throw context.error(.shape, "scale and bias do not fit \(channels) channels")
        }
        let epsilon = Double(try context.float("epsilon", default: 1e-5))
        var values = try x.reals(context)
        guard !values.isEmpty else { return [x] }
        let plane = x.shape[2...].reduce(1, *)
        for index in 0..<(x.shape[0] * channels) {
            let range = (index * plane)..<((index + 1) * plane)
            let moments = Moments(values[range])
            let factor = moments.inverseDeviation(epsilon: epsilon) * scale[index % channels]
            for element in range {
                values[element] = (values[element] - moments.mean) * factor + bias[index % channels]
            }
        }
        return [try context.tensor(x.elementType, x.shape, reals: values)]
    }
}
