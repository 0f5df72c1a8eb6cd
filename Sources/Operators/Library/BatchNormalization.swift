import GraphIR

/// `BatchNormalization`: y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel
/// (ONNX BatchNormalization-7, 9, 14, 15).
///
/// X [N, C, D1...Dn] with scale, bias, mean and variance [C] -> Y like X. With `training_mode` (from opset
/// 14) the batch's own mean and population variance are used, and the updated running statistics
/// (running * momentum + batch * (1 - momentum)) [C] are outputs 1 and 2.
public struct BatchNormalization: Operator {
    public let name = "BatchNormalization"
    public let versions = [7, 9, 14, 15]

    /// Scale and bias.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { (1...2).contains(position) }

    public func schema(opset: Int) -> OperatorSchema {
        switch opset {
        case ..<9:
            OperatorSchema(
                inputs: 5...5, outputs: 1...5, .optional("epsilon", .float), .optional("momentum", .float),
                .optional("spatial", .flag))
        case ..<14:
            OperatorSchema(
                inputs: 5...5, outputs: 1...5, .optional("epsilon", .float), .optional("momentum", .float))
        default:
            OperatorSchema(
                inputs: 5...5, outputs: 1...3, .optional("epsilon", .float), .optional("momentum", .float),
                .optional("training_mode", .flag))
        }
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        if let shape = x.shape {
            guard shape.rank >= 2 else { throw context.error(.shape, "input \(shape) has no channels") }
            for position in 1...4 {
                guard let parameter = context.shape(position) else { continue }
                guard parameter.rank == 1, parameter[0].merged(with: shape[1]) != nil else {
                    throw context.error(
                        .shape, "input \(position) is \(parameter), does not fit \(shape[1]) channels")
                }
            }
        }
        let statistics = context.inputType(3)
        return [x] + [TensorType?](repeating: statistics, count: max(0, context.outputCount - 1))
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let (trains, epsilon, momentum) = try parameters(context)
        guard x.rank >= 2 else { throw context.error(.shape, "input \(x.type) has no channels") }
        let channels = x.shape[1]
        var lists: [[Double]] = []
        for position in 1...4 {
            let list = try context.required(inputs, position).reals(context)
            guard list.count == channels else {
                throw context.error(.shape, "input \(position) does not fit \(channels) channels")
            }
            lists.append(list)
        }
        let (scale, bias) = (lists[0], lists[1])
        var values = try x.reals(context)
        let plane = x.shape[2...].reduce(1, *)
        let statistics =
            trains
            ? batchStatistics(values, x.shape[0], channels, plane) : (mean: lists[2], variance: lists[3])
        if !values.isEmpty {
            for index in 0..<(x.shape[0] * channels) {
                let channel = index % channels
                let factor = scale[channel] / (statistics.variance[channel] + epsilon).squareRoot()
                let mean = statistics.mean[channel]
                for element in (index * plane)..<((index + 1) * plane) {
                    values[element] = (values[element] - mean) * factor + bias[channel]
                }
            }
        }
        var results = [try context.tensor(x.elementType, x.shape, reals: values)]
        guard trains else { return results }
        let type = try context.required(inputs, 3).elementType
        for (running, batch) in [(lists[2], statistics.mean), (lists[3], statistics.variance)] {
            let updated = zip(running, batch).map { $0 * momentum + $1 * (1 - momentum) }
            results.append(try context.tensor(type, [channels], reals: updated))
        }
        return results
    }

    private func parameters(_ context: OperatorContext) throws(OperatorError)
        -> (trains: Bool, epsilon: Double, momentum: Double)
    {
        guard try context.flag("spatial", default: true) else {
            throw context.error(.unsupported, "spatial = 0 is not supported")
        }
        guard context.opset >= 14 || context.outputCount == 1 else {
            throw context.error(
                .unsupported, "running statistics before opset 14 are not supported",
                remedy: "export the model in inference mode")
        }
        let trains = try context.flag("training_mode", default: false)
        let epsilon = Double(try context.float("epsilon", default: 1e-5))
        return (trains, epsilon, Double(try context.float("momentum", default: 0.9)))
    }

    /// Mean and population variance of each channel.
    private func batchStatistics(_ values: [Double], _ samples: Int, _ channels: Int, _ plane: Int)
        -> (mean: [Double], variance: [Double])
    {
        var mean = [Double](repeating: 0, count: channels)
        var variance = mean
        let count = Double(samples * plane)
        for (index, value) in values.enumerated() { mean[index / plane % channels] += value / count }
        for (index, value) in values.enumerated() {
            let deviation = value - mean[index / plane % channels]
            variance[index / plane % channels] += deviation * deviation / count
        }
        return (mean, variance)
    }
}
