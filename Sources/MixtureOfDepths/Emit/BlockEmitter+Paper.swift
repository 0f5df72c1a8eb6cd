import GraphIR
import Operators

/// The paper's block, operator by operator (paper, section 3).
///
///     X [N,C,H,W] --> selector --> scores s [N,C,1,1] --> top-k --> indices [N,k,1,1], ascending
///     X, indices  --> gather   --> X^ [N,k,H,W] --> shrunk body --> * s[indices] --> B [N,k,H,W]
///     Y[:, :k] = B + X[:, :k]        Y[:, k:] = X[:, k:]        (no activation after)
extension BlockEmitter {
    mutating func emit(_ form: RoutedPaper, _ start: WeightStart) throws -> EmittedBlock {
        let weights = try BodyWeights(build.edit.graph, block, BodyWidths(form.body), start)
        let scores = try emitSelector(form.selectorHidden, scoring: form.channels, of: form.channels, start)
        let indices = try chooseHighest(scores, form.processed, of: form.channels)
        let part = form.processedPart
        let gather = spelling.gather(from: input, build)
        let places = try gather.places(indices, in: input, part, "gather", &build)
        let gathered = try gather.channels(of: input, at: places, part, "gather", &build)
        let gate = try gather.scores(of: scores, at: places, part, "gate", &build)
        let body = try build.add(
            "Mul", [try emitBody(gathered, weights, groups: form.body.groups), gate], "gate")
        let output = try fuse(body, form)
        try replaceOldBlock(by: output)
        let choice = ChoiceValues(
            scores: build.name(scores), indices: build.name(indices), gates: build.name(gate))
        return emitted(form, output: output, gathered: gathered, body: body, choices: [choice])
    }

    mutating func emit(_ form: FixedPaper, _ start: WeightStart) throws -> EmittedBlock {
        let weights = try BodyWeights(build.edit.graph, block, BodyWidths(form.body), start)
        let first =
            form.processed < form.channels
            ? try spelling.firstChannels(of: input, form.processedPart, &build) : input
        let body = try emitBody(first, weights, groups: form.body.groups)
        let output = try fuse(body, form)
        try replaceOldBlock(by: output)
        return emitted(form, output: output, gathered: first, body: body)
    }

    /// s = sigmoid(W2 relu(W1 GAP(X))), [N, units, 1, 1], without biases (only then do the paper's parameter
    /// counts come out). The two fully connected layers act on the pooled map, so they are 1x1 convolutions,
    /// which every opset spells alike.
    ///
    /// - Parameters:
    ///   - hidden: the units between the two layers.
    ///   - units: the number of scores.
    ///   - channels: the channels of X.
    ///   - path: the prefix of the new names.
    mutating func emitSelector(
        _ hidden: Int, scoring units: Int, of channels: Int, _ start: WeightStart,
        in path: String = "selector"
    ) throws -> ValueID {
        let pooled = try build.add("GlobalAveragePool", [input], path)
        let down = try selectorWeights(
            "\(path)/fc1/weight", outputs: hidden, inputs: channels, gain: 2.0.squareRoot(), start)
        let up = try selectorWeights(
            "\(path)/fc2/weight", outputs: units, inputs: hidden, gain: 1, start)
        let squeezed = try build.add("Conv", [pooled, down], "\(path)/fc1", .pointwise)
        let active = try build.add("Relu", [squeezed], path)
        let logits = try build.add("Conv", [active, up], "\(path)/fc2", .pointwise)
        return try build.add("Sigmoid", [logits], path)
    }

    /// Normally distributed weights of deviation gain / sqrt(inputs).
    ///
    /// With a gain of sqrt(2) the ReLU after them preserves the mean square; with a gain of 1 the sums do.
    /// Features of order 1 then give scores that spread over (0, 1) without crowding at its ends.
    private mutating func selectorWeights(
        _ path: String, outputs: Int, inputs: Int, gain: Double, _ start: WeightStart
    ) throws -> ValueID {
        var generator = SeededGenerator(seed: start.seed, stream: "\(build.scope)/\(path)")
        let deviation = gain / Double(inputs).squareRoot()
        let values = generator.normal(count: outputs * inputs, deviation: deviation)
        return try build.weight(path, try tensor(values, [outputs, inputs, 1, 1]))
    }
}
