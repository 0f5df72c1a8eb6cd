import GraphIR

/// A bias that each sample gets (`DynamicBias`).
///
///     features ── GlobalAveragePool ── Conv 1x1, C to d ── z ── Conv 1x1, d to outputs ── bias [N,outputs,1,1]
///     ... ── last convolution ── Add(bias) ── what followed that convolution
///
/// All shapes but the batch are static, nothing is chosen and nothing gathered: every target takes it.
extension BlockEmitter {
    /// The bias; nil if the block has none.
    ///
    /// - Parameter features: the input of the body, before channels are chosen.
    mutating func emitBias(on features: ValueID) throws -> ValueID? {
        guard let bias = dynamicBias else { return nil }
        let (down, up) = (bias.features, bias.response)
        let weights = try build.weight("bias/down/weight", tensor(down.weights, down.shape))
        let offsets = try build.weight("bias/down/bias", tensor(down.bias, [down.outputs]))
        let response = try build.weight("bias/up/weight", tensor(up.weights, up.shape))
        let means = try build.add("GlobalAveragePool", [features], "bias")
        let z = try build.add("Conv", [means, weights, offsets], "bias/down", .pointwise)
        let value = try build.add("Conv", [z, response], "bias/up", .pointwise)
        biasValues = BiasValues(features: build.name(z), bias: build.name(value))
        return value
    }

    /// Adds the bias to the last convolution's result.
    mutating func add(_ bias: ValueID?, to result: ValueID) throws -> ValueID {
        guard let bias else { return result }
        return try build.add("Add", [result, bias], "bias")
    }
}
