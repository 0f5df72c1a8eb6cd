import GraphIR
import Operators

/// The blocks of `--recipe calibrated`.
///
///     X --> prefix --> [choice of channels] --> narrow body ---------> (+ X) --> [Relu] --> Y
///     X --> prefix --> body of units that are chosen per sample -----> (+ X) --> [Relu] --> Y
///     X ------------------------------------------------------------------------------> Y   (dropped)
///
/// Unlike the paper's block, the activation after the sum stays where the source has one: what follows was
/// trained for it.
extension BlockEmitter {
    mutating func emit(_ calibrated: CalibratedBlock) throws -> (block: EmittedBlock, output: ValueID) {
        guard calibrated.kind != .dropped else { return try emitPassage() }
        let body = try LayeredBody.of(block, in: edit.graph).get()
        var value = input
        for (position, id) in body.prefix.enumerated() {
            value = try copy(id, "prefix\(position + 1)", onto: value)
            // Routed bodies need the height and width before shapes are inferred anew.
            if let old = edit.graph[id].output(0) { edit.setType(value, edit.graph[old].type) }
        }
        let features = value
        var routes: [EmittedBlock.Route] = []
        var tables: [EmittedBlock.Table] = []
        switch calibrated.kind {
        case .routedHidden:
            (value, routes, tables) = try emitRoutedBody(body, calibrated, on: features)
        case .routedChannels:
            let route = try emitChannelScores(features, calibrated.channelGains ?? [])
            routes = [route.names]
            value = try emitNarrowBody(body, calibrated, on: try emitChannelGather(features, route.indices))
        case .fixedChannels:
            let chosen = try constant(
                "gather/indices", Tensor((calibrated.inputs ?? []).map(Int64.init)))
            value = try add("Gather", [features, chosen], "gather", ["axis": .int(1)])
            value = try emitNarrowBody(body, calibrated, on: value)
        case .fixedHidden, .gatedHidden, .paper, .dropped:
            value = try emitNarrowBody(body, calibrated, on: features)
        }
        let bodyResult = value
        var output = try emitFusion(bodyResult)
        if let relu = block.finalActivation.first { output = try copy(relu, "fusion", onto: output) }
        try replaceOldBlock(by: output)
        var emitted = EmittedBlock(
            scope: block.scope, shape: shape, input: name(input), output: name(output),
            gathered: name(features), body: name(bodyResult), routing: nil, nodes: nodes)
        emitted.routes = routes
        emitted.tables = tables
        return (emitted, output)
    }

    /// A dropped block: what read its output reads its input.
    private mutating func emitPassage() throws -> (block: EmittedBlock, output: ValueID) {
        var output = input
        if let relu = block.finalActivation.first, edit.graph.producer(of: input)?.isOperator("Relu") != true
        {
            output = try copy(relu, "passage", onto: input)
        } else if !edit.canReplaceUses(of: block.output, with: input) {
            output = try add("Identity", [input], "passage")
        }
        try replaceOldBlock(by: output)
        let emitted = EmittedBlock(
            scope: block.scope, shape: shape, input: name(input), output: name(output),
            gathered: name(input), body: name(input), routing: nil, nodes: nodes)
        return (emitted, output)
    }

    /// The old convolutions and activations in order, on fewer channels.
    private mutating func emitNarrowBody(
        _ body: LayeredBody, _ calibrated: CalibratedBlock, on features: ValueID
    ) throws -> ValueID {
        var value = features
        for (position, layer) in body.layers.enumerated() {
            let parameters = calibrated.layers[position]
            let path = "body/conv\(position + 1)"
            let old = edit.graph[layer.convolution]
            var attributes = old.attributes
            if attributes["group"] != nil { attributes["group"] = .int(1) }
            value = try add(
                "Conv", [value, try kernel(parameters, path), try bias(parameters, path)], path, attributes)
            value = try activate(value, layer, position)
        }
        return value
    }

    /// The activations between two convolutions.
    mutating func activate(
        _ value: ValueID, _ layer: LayeredBody.Layer, _ position: Int
    ) throws -> ValueID {
        var value = value
        for id in layer.activations { value = try copy(id, "body/act\(position + 1)", onto: value) }
        return value
    }

    /// The scores of the channels, their means times constant gains, and the k highest.
    private mutating func emitChannelScores(
        _ features: ValueID, _ gains: [Float]
    ) throws -> (names: EmittedBlock.Route, indices: ValueID) {
        let factors = try constant("router/gains", try tensor(gains, [1, gains.count, 1, 1]))
        let pooled = try add("GlobalAveragePool", [features], "router")
        let scores = try add("Mul", [pooled, factors], "router")
        let indices = try emitTopK(scores, shape.processed, in: "router/")
        return (EmittedBlock.Route(scores: name(scores), indices: name(indices)), indices)
    }

    // MARK: Parts

    /// The node again, with the same parameters and attributes, on another input.
    mutating func copy(_ id: NodeID, _ path: String, onto value: ValueID) throws -> ValueID {
        let node = edit.graph[id]
        return try add(node.operatorType, [value] + node.inputs.dropFirst(), path, node.attributes)
    }

    mutating func kernel(_ parameters: ConvolutionWeights, _ path: String) throws -> ValueID {
        try constant("\(path)/weight", try tensor(parameters.weights, parameters.shape))
    }

    mutating func bias(_ parameters: ConvolutionWeights, _ path: String) throws -> ValueID {
        try constant("\(path)/bias", try tensor(parameters.bias, [parameters.bias.count]))
    }

    /// A tensor of the residual stream's element type.
    func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
        try Tensor(shape: shape, values).converted(to: elementType)
    }
}

extension GraphEdit {
    /// Gives a convolution other weights and another bias, in the element type of its old ones.
    mutating func replaceParameters(of convolution: NodeID, by parameters: ConvolutionWeights) throws {
        let node = graph[convolution]
        guard let old = node.input(1), let type = graph[old].tensorType?.elementType else { return }
        let label = node.output(0).map { graph[$0].name } ?? node.name
        let weights = try Tensor(shape: parameters.shape, parameters.weights).converted(to: type)
        let bias = try Tensor(shape: [parameters.bias.count], parameters.bias).converted(to: type)
        let oldBias = node.input(2)
        setInput(convolution, 1, try addInitializer(uniqueName("\(label)/refit/weight"), weights))
        setInput(convolution, 2, try addInitializer(uniqueName("\(label)/refit/bias"), bias))
        for value in [old, oldBias].compactMap({ $0 }) where graph[value].useCount == 0 {
            try removeValue(value)
        }
    }
}
