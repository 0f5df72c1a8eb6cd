import GraphIR

/// The block of `--router pairs`: half of the body's slots take the higher one of two channels.
///
///     features ── GlobalAveragePool ── Mul(gains) ── scores s [N,C,1,1]
///     s ── Gather(first), Gather(second) ── Less ── choice [N,p,1,1], true: the second one
///     features ── Gather(second), Gather(first) ── Where(choice) ──┐
///     features ── Gather(constant) ──────────────────────────── Concat ── [N,k,H,W] ── narrow body
///
/// All lists are constant, all shapes but the batch static; there is no TopK and no gather by sample. A tie
/// takes the first channel.
extension BlockEmitter {
    mutating func emit(
        _ form: PairedChannels, _ body: LayeredBody, _ layers: [ConvolutionWeights], gains: [Float],
        _ pairs: ChannelPairs
    ) throws -> EmittedBlock {
        let features = try emitPrefix(body)
        let factors = try build.weight("router/gains", try tensor(gains, [1, gains.count, 1, 1]))
        let pooled = try build.add("GlobalAveragePool", [features], "router")
        let scores = try build.add("Mul", [pooled, factors], "router")
        let first = try build.weight("gather/first", Tensor(pairs.first.map(Int64.init)))
        let second = try build.weight("gather/second", Tensor(pairs.second.map(Int64.init)))
        let choice = try build.add(
            "Less",
            [
                try gather(scores, first, "router/first"), try gather(scores, second, "router/second"),
            ], "router")
        var gathered = try build.add(
            "Where",
            [
                choice, try gather(features, second, "gather/second"),
                try gather(features, first, "gather/first"),
            ], "gather")
        if !pairs.constant.isEmpty {
            let constant = try build.weight("gather/constant", Tensor(pairs.constant.map(Int64.init)))
            let same = try gather(features, constant, "gather/constant")
            gathered = try build.add("Concat", [gathered, same], "gather", ["axis": .int(1)])
        }
        let result = try emitNarrowBody(body, layers, on: gathered, plus: emitBias(on: features))
        let names = ChoiceValues(scores: build.name(scores), indices: build.name(choice), pairs: pairs)
        return try close(form, result, on: features, choices: [names])
    }

    /// Channels by a constant list.
    private mutating func gather(
        _ value: ValueID, _ channels: ValueID, _ path: String
    ) throws -> ValueID { try build.add("Gather", [value, channels], path, ["axis": .int(1)]) }
}
