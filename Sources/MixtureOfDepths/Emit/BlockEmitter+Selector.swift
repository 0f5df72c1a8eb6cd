import GraphIR
import Operators

extension BlockEmitter {
    /// Emits selector, top-k and gather.
    ///
    /// Indices are sorted before the gather, so that a slot of the body sees the same channel in as many
    /// samples as possible.
    mutating func emitRoutedChannels() throws -> RoutedChannels {
        let scores = try emitSelector()
        let indices = try emitTopK(scores, shape.processed)
        if options.emission == .train {
            let gathered = try emitElementGather(indices)
            let gate = try add("GatherElements", [scores, indices], "gate", ["axis": .int(1)])
            return RoutedChannels(
                gathered: gathered, routing: .init(scores: scores, indices: indices, gate: gate))
        }
        if opset >= 12 {
            let gathered = try emitChannelGather(input, indices)
            let gate = try add("GatherElements", [scores, indices], "gate", ["axis": .int(1)])
            return RoutedChannels(
                gathered: gathered, routing: .init(scores: scores, indices: indices, gate: gate))
        }
        return try emitFlatGather(scores, indices)
    }

    /// Whole channels of each sample, by its own indices [N, k, 1, 1]: GatherND with batch_dims 1, opset 12.
    mutating func emitChannelGather(_ value: ValueID, _ indices: ValueID) throws -> ValueID {
        try add(
            "GatherND", [value, try reshape(indices, [0, Int64(shape.processed), 1], "gather/indices")],
            "gather", ["batch_dims": .int(1)])
    }

    /// Channels by an index for each element, [N, k, H, W]: the indices plus zeros of one map.
    ///
    ///     indices [N,k,1,1] ── Add(0 [1,1,H,W]) ──┐
    ///     X ───────────────────────────── GatherElements ── X^ [N,k,H,W]
    ///
    /// PyTorch has this gather, with its gradient, and no other that selects per sample; and it can trace an Add of
    /// a constant, which it cannot do for the extents of an Expand.
    private mutating func emitElementGather(_ indices: ValueID) throws -> ValueID {
        let extents = edit.graph[input].shape?.dims.suffix(2).map(\.value) ?? []
        guard extents.count == 2, let height = extents[0], let width = extents[1] else {
            throw ConversionError.openExtents(name(input))
        }
        let zeros = [Int64](repeating: 0, count: height * width)
        let map = try constant("gather/map", try Tensor(shape: [1, 1, height, width], zeros))
        let places = try add("Add", [indices, map], "gather/places")
        return try add("GatherElements", [input, places], "gather", ["axis": .int(1)])
    }

    /// s = sigmoid(W2 relu(W1 GAP(X))), [N, units, 1, 1]; no bias (only so do the paper's parameter counts come
    /// out). The two fully connected layers act on the pooled map, so they are 1x1 convolutions, which
    /// every opset spells alike.
    ///
    /// - Parameters:
    ///   - units: what is scored: the channels of X, unless hidden units are chosen.
    ///   - path: what the new names start with.
    mutating func emitSelector(units: Int? = nil, in path: String = "selector") throws -> ValueID {
        let channels = shape.channels
        let hidden = shape.selectorHidden ?? 1
        let pooled = try add("GlobalAveragePool", [input], path)
        let down = try selectorWeights(
            "\(path)/fc1/weight", outputs: hidden, inputs: channels, gain: 2.0.squareRoot())
        let up = try selectorWeights(
            "\(path)/fc2/weight", outputs: units ?? channels, inputs: hidden, gain: 1)
        let squeezed = try add("Conv", [pooled, down], "\(path)/fc1", ["kernel_shape": .ints([1, 1])])
        let active = try add("Relu", [squeezed], path)
        let logits = try add("Conv", [active, up], "\(path)/fc2", ["kernel_shape": .ints([1, 1])])
        return try add("Sigmoid", [logits], path)
    }

    /// Normally distributed weights of deviation gain / sqrt(inputs).
    ///
    /// With a gain of sqrt(2) the ReLU after them leaves the mean square as it was; with one of 1 the sums keep it,
    /// so that features of order 1 give scores that spread over (0, 1) without crowding at its ends.
    private mutating func selectorWeights(
        _ path: String, outputs: Int, inputs: Int, gain: Double
    ) throws -> ValueID {
        var generator = SeededGenerator(seed: options.seed, stream: "\(scope)/\(path)")
        let deviation = gain / Double(inputs).squareRoot()
        let values = generator.normal(count: outputs * inputs, deviation: deviation)
        let tensor = try Tensor(shape: [outputs, inputs, 1, 1], values)
        return try weight(path, try tensor.converted(to: elementType))
    }

    /// The element type of the residual stream.
    var elementType: ElementType {
        edit.graph[input].tensorType?.elementType ?? .float32
    }

    /// The indices of the k highest scores along axis 1, ascending: [N, k, 1, 1] for scores [N, C, 1, 1].
    ///
    /// - Parameter scope: what the new names start with, `router/` for one.
    mutating func emitTopK(_ scores: ValueID, _ k: Int, in scope: String = "") throws -> ValueID {
        let chosen = try topK(scores, k, "\(scope)topk", largest: true, sorted: options.emission != .fast)[
            1]
        guard opset < 11 else {
            return try topK(chosen, k, "\(scope)sort", largest: false)[0]
        }
        // TopK takes integers, and the smallest first, from opset 11 on: until then sort -i as floats, which
        // is exact below 2^24 channels.
        let minusOne = try constant("sort/minus_one", Tensor(scalar: Float(-1)))
        let float = try add("Cast", [chosen], "sort/float", ["to": .int(1)])
        let negative = try add("Mul", [float, minusOne], "sort/negate")
        let sorted = try topK(negative, k, "sort", largest: true)[0]
        let positive = try add("Mul", [sorted, minusOne], "sort/restore")
        return try add("Cast", [positive], "sort/integer", ["to": .int(7)])
    }

    /// - Parameter sorted: false where the order of the results does not matter, which some runtimes use.
    mutating func topK(
        _ value: ValueID, _ count: Int, _ path: String, largest: Bool, sorted: Bool = true
    ) throws -> [ValueID] {
        let k = Int64(count)
        if opset < 10 {
            return try addMany("TopK", [value], path, ["axis": .int(1), "k": .int(k)], outputs: 2)
        }
        let kept = try constant("\(path)/k", Tensor([k]))
        var attributes: Attributes = ["axis": .int(1)]
        if opset >= 11 {
            attributes["largest"] = .int(largest ? 1 : 0)
            if !sorted { attributes["sorted"] = .int(0) }
        }
        return try addMany("TopK", [value, kept], path, attributes, outputs: 2)
    }

    /// The gather before opset 12, for a fixed batch B: channels of all samples stand in one axis of B * C,
    /// and sample b's indices are moved by b * C.
    private mutating func emitFlatGather(_ scores: ValueID, _ indices: ValueID) throws -> RoutedChannels {
        guard let extents = edit.graph[input].shape?.extents, extents.count == 4 else {
            throw Obstacle.dynamicShape(name(input))
        }
        let (batch, channels, k) = (extents[0], Int64(extents[1]), Int64(shape.processed))
        let offsets = try constant(
            "gather/offsets",
            try Tensor(shape: [batch, 1], (0..<batch).map { Int64($0) * channels }))
        let perSample = try reshape(indices, [Int64(batch), k], "gather/indices")
        let flat = try add("Add", [perSample, offsets], "gather/flat")
        let rows = Int64(batch) * channels
        let planes = try reshape(
            input, [rows, Int64(extents[2]), Int64(extents[3])], "gather/planes")
        let gathered = try add("Gather", [planes, flat], "gather", ["axis": .int(0)])
        let flatScores = try reshape(scores, [rows], "gate/scores")
        let picked = try add("Gather", [flatScores, flat], "gate", ["axis": .int(0)])
        let gate = try reshape(picked, [Int64(batch), k, 1, 1], "gate/shape")
        return RoutedChannels(
            gathered: gathered, routing: .init(scores: scores, indices: indices, gate: gate))
    }

    mutating func reshape(_ value: ValueID, _ extents: [Int64], _ path: String) throws -> ValueID {
        let target = try constant("\(path)/extents", Tensor(extents))
        return try add("Reshape", [value, target], path)
    }
}
