import GraphIR
import Operators

/// The blocks of `--recipe calibrated`.
///
///     X --> prefix --> [choice of channels] --> narrow body ------> [+ bias] (+ X) --> [Relu] --> Y
///     X --> prefix --> body of units that are chosen per sample --> [+ bias] (+ X) --> [Relu] --> Y
///     X -------------------------------------------------------------------------------> Y   (dropped)
///
/// The bias of each sample is optional (`BlockEmitter+Bias`).
///
/// Unlike the paper's block, these keep the source's activation after the sum: the layers after it were
/// trained for it.
extension BlockEmitter {
    mutating func emit(
        _ form: FixedHidden, _ body: LayeredBody, _ layers: [ConvolutionWeights],
        _ constants: [ConstantPlace: Tensor]
    ) throws -> EmittedBlock {
        let features = try emitPrefix(body)
        let result = try emitNarrowBody(
            body, layers, on: features, plus: emitBias(on: features), constants: constants)
        return try close(form, result, on: features)
    }

    mutating func emit(
        _ form: FixedChannels, _ body: LayeredBody, _ layers: [ConvolutionWeights], inputs: [Int]
    ) throws -> EmittedBlock {
        let features = try emitPrefix(body)
        let chosen = try build.weight("gather/indices", Tensor(inputs.map(Int64.init)))
        let gathered = try build.add("Gather", [features, chosen], "gather", ["axis": .int(1)])
        let result = try emitNarrowBody(body, layers, on: gathered, plus: emitBias(on: features))
        return try close(form, result, on: features)
    }

    mutating func emit(
        _ form: RoutedChannels, _ body: LayeredBody, _ layers: [ConvolutionWeights], gains: [Float]
    ) throws -> EmittedBlock {
        let features = try emitPrefix(body)
        let factors = try build.weight("router/gains", try tensor(gains, [1, gains.count, 1, 1]))
        let pooled = try build.add("GlobalAveragePool", [features], "router")
        let scores = try build.add("Mul", [pooled, factors], "router")
        let indices = try chooseHighest(scores, form.processed, of: form.channels, in: "router/")
        let part = form.processedPart
        let gather = spelling.gather(from: features, build)
        let places = try gather.places(indices, in: features, part, "gather", &build)
        let gathered = try gather.channels(of: features, at: places, part, "gather", &build)
        let result = try emitNarrowBody(body, layers, on: gathered, plus: emitBias(on: features))
        let choice = ChoiceValues(scores: build.name(scores), indices: build.name(indices))
        return try close(form, result, on: features, choices: [choice])
    }

    mutating func emit(
        _ form: RoutedHidden, _ body: LayeredBody, _ layers: [ConvolutionWeights],
        _ routers: [LinearRouter]
    ) throws -> EmittedBlock {
        let features = try emitPrefix(body)
        let chosen = try emitRouters(routers, form, on: features)
        let (result, tables) = try emitGatheredLayers(
            body, layers, chosen, on: features, channels: form.channels)
        return try close(
            form, try add(emitBias(on: features), to: result), on: features, choices: chosen.map(\.names),
            tables: tables)
    }

    /// A dropped block: the readers of its output read its input instead.
    mutating func emit(_ form: Dropped) throws -> EmittedBlock {
        var output = input
        if let relu = block.finalActivation.first,
            build.edit.graph.producer(of: input)?.isOperator("Relu") != true
        {
            output = try build.copy(relu, "passage", onto: input)
        } else if !build.edit.canReplaceUses(of: block.output, with: input) {
            output = try build.add("Identity", [input], "passage")
        }
        try replaceOldBlock(by: output)
        return emitted(form, output: output, gathered: input, body: input)
    }

    // MARK: Parts

    /// The operators in front of the first convolution.
    mutating func emitPrefix(_ body: LayeredBody) throws -> ValueID {
        var copies = Copies(of: block.input, input)
        for (position, id) in body.prefix.enumerated() {
            let copy = try self.copy(id, &copies, in: "prefix\(position + 1)")
            // Routed bodies need the height and width before shapes are inferred again.
            if let old = build.edit.graph[id].output(0) {
                build.edit.setType(copy, build.edit.graph[old].type)
            }
        }
        return copies.last
    }

    /// The sum, and the activation after it.
    mutating func close(
        _ form: some BlockPayload, _ body: ValueID, on features: ValueID, choices: [ChoiceValues] = [],
        tables: [WeightTable] = []
    ) throws -> EmittedBlock {
        var output = try join(body, form)
        output = try activate(
            output, after: block.closing, by: block.finalActivation, in: "fusion")
        try replaceOldBlock(by: output)
        return emitted(
            form, output: output, gathered: features, body: body, choices: choices, tables: tables)
    }

    /// The old convolutions and the nodes after them in order, on fewer channels.
    ///
    /// - Parameters:
    ///   - bias: what is added to the last convolution's result; nil for nothing.
    ///   - constants: take the place of those that these nodes read.
    mutating func emitNarrowBody(
        _ body: LayeredBody, _ layers: [ConvolutionWeights], on features: ValueID, plus bias: ValueID?,
        constants: [ConstantPlace: Tensor] = [:]
    ) throws -> ValueID {
        var value = features
        for (position, (layer, parameters)) in zip(body.layers, layers).enumerated() {
            let path = "body/conv\(position + 1)"
            var attributes = build.edit.graph[layer.convolution].attributes
            if attributes["group"] != nil { attributes["group"] = .int(Int64(parameters.groups)) }
            attributes.spellOutConvolution(kernel: parameters.shape.dropFirst(2))
            let weight = try build.weight("\(path)/weight", tensor(parameters.weights, parameters.shape))
            let offset = try build.weight("\(path)/bias", tensor(parameters.bias, [parameters.outputs]))
            value = try build.add("Conv", [value, weight, offset], path, attributes)
            if position == body.layers.count - 1 { value = try add(bias, to: value) }
            value = try activate(value, layer, position, constants: constants)
        }
        return value
    }

    /// The nodes between two convolutions.
    mutating func activate(
        _ value: ValueID, _ layer: LayeredBody.Layer, _ position: Int,
        constants: [ConstantPlace: Tensor] = [:]
    ) throws -> ValueID {
        try activate(
            value, after: layer.convolution, by: layer.followers, in: "body/act\(position + 1)",
            constants: constants)
    }

    /// Copies the nodes that compute something from an old node's result onto another value. Some read two
    /// values.
    private mutating func activate(
        _ value: ValueID, after old: NodeID, by nodes: [NodeID], in path: String,
        constants: [ConstantPlace: Tensor] = [:]
    ) throws -> ValueID {
        guard let result = build.edit.graph[old].output(0) else { return value }
        var copies = Copies(of: result, value)
        for id in nodes { _ = try copy(id, &copies, in: path, constants: constants) }
        return copies.last
    }

    /// New values by the old values that they stand for.
    private struct Copies {
        var values: [ValueID: ValueID]
        /// The latest one.
        var last: ValueID
        /// How often each path was asked for.
        private var counts: [String: Int] = [:]

        init(of old: ValueID, _ value: ValueID) { (values, last) = ([old: value], value) }

        /// A path of its own for each node of an operator: no two nodes may have one name.
        mutating func path(_ path: String, _ operatorType: String) -> String {
            let count = counts["\(path)/\(operatorType)", default: 0] + 1
            counts["\(path)/\(operatorType)"] = count
            return count == 1 ? path : "\(path).\(count)"
        }
    }

    /// Copies a node onto the copies of what it reads.
    private mutating func copy(
        _ id: NodeID, _ copies: inout Copies, in path: String, constants: [ConstantPlace: Tensor] = [:]
    ) throws -> ValueID {
        let node = build.edit.graph[id]
        let path = copies.path(path, node.operatorType)
        var inputs: [ValueID?] = []
        for (index, input) in node.inputs.enumerated() {
            if let tensor = constants[ConstantPlace(node: id, input: index)] {
                inputs.append(try build.weight("\(path)/\(node.operatorType)/\(index)", tensor))
            } else {
                inputs.append(input.map { copies.values[$0] ?? $0 })
            }
        }
        copies.last = try build.add(node.operatorType, inputs, path, node.attributes)
        if let result = node.output(0) { copies.values[result] = copies.last }
        return copies.last
    }
}

extension GraphEdit {
    /// Gives a convolution other weights and another bias, in the element type of its old ones.
    ///
    /// - Parameter present: constants that hold these parameters; nil to add some.
    /// - Returns: the constants that hold them now.
    mutating func replaceParameters(
        of convolution: NodeID, by parameters: ConvolutionWeights,
        sharing present: (weights: ValueID, bias: ValueID)?
    ) throws -> (weights: ValueID, bias: ValueID)? {
        let node = graph[convolution]
        guard let old = node.input(1), let type = graph[old].tensorType?.elementType else { return present }
        let label = node.output(0).map { graph[$0].name } ?? node.name
        let oldBias = node.input(2)
        let constants =
            try present ?? (
                addInitializer(
                    uniqueName("\(label)/refit/weight"),
                    Tensor(shape: parameters.shape, parameters.weights).casting(to: type)),
                addInitializer(
                    uniqueName("\(label)/refit/bias"),
                    Tensor(shape: [parameters.bias.count], parameters.bias).casting(to: type))
            )
        setInput(convolution, 1, constants.weights)
        setInput(convolution, 2, constants.bias)
        for value in [old, oldBias].compactMap({ $0 }) where graph[value].useCount == 0 {
            try removeValue(value)
        }
        return constants
    }
}
