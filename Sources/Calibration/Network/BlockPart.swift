import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// A block taken apart, so that its pieces can be run with any parameters.
struct BlockPart: Sendable {
    let graph: Graph
    let block: ConvBlock
    let body: LayeredBody
    /// The convolution that ends the shortcut; nil if the shortcut is the identity or ends in another
    /// operator.
    let projection: NodeID?

    init(_ graph: Graph, _ block: ConvBlock, _ body: LayeredBody) {
        self.graph = graph
        self.block = block
        self.body = body
        let last = block.shortcutNodes.last.map { graph[$0] }
        let weights = last.flatMap { ConvolutionWeights(of: $0.id, in: graph) }
        projection = weights?.inputs == block.inputChannels ? last?.id : nil
    }

    /// Whether the last convolution's result is added to the shortcut, with no node between.
    var endsInSum: Bool { block.shortcut != .none && body.suffix.isEmpty }

    /// The convolutions that channel attentions begin with, their results, and the layers that they follow.
    var squeezes: [(squeeze: NodeID, result: ValueID, layer: Int)] {
        body.layers.enumerated().flatMap { position, layer in
            layer.squeezes.filter { graph[$0].isOperator("Conv") }.compactMap { squeeze in
                graph[squeeze].output(0).map { (squeeze, $0, position) }
            }
        }
    }

    /// The parameters of a run.
    struct Parameters: Sendable {
        var layers: [ConvolutionWeights]
        var projection: ConvolutionWeights?
        /// Take the place of constants that the nodes between the convolutions read.
        var constants: [ConstantPlace: Tensor] = [:]
        /// The bias that each sample gets; nil for none.
        var bias: DynamicBias?
        /// Whether units of the hidden layers are masked, sample by sample.
        var isMasked = false
        /// Whether the first convolution gets channels that the caller gathered.
        var isGathered = false
    }

    /// A value of the block.
    enum Tap: Hashable, Sendable {
        /// The input of the first convolution, before channels are chosen.
        case features
        /// The input of convolution `layer`, after masks.
        case input(layer: Int)
        /// The result of convolution `layer`, without the bias of samples.
        case result(layer: Int)
        /// A value between convolution `layer` and the next.
        case between(ValueID, layer: Int)
        case projectionInput, shortcut
        /// The block's output.
        case output
        /// Any value of the block, after its body has run.
        case value(ValueID)
    }

    /// The source's parameters.
    var original: Parameters {
        get throws {
            Parameters(
                layers: try body.layers.map { try weights($0.convolution) },
                projection: try projection.map(weights))
        }
    }

    private func weights(_ convolution: NodeID) throws -> ConvolutionWeights {
        guard let weights = ConvolutionWeights(of: convolution, in: graph) else {
            throw ConversionError.unsupportedWeights(graph.label(of: graph[convolution]))
        }
        return weights
    }

    /// A session from the block's input `x`, masks `mask0`, `mask1`, ... [n, units, 1, 1], and `gathered`
    /// channels, to `taps`.
    func session(
        _ parameters: Parameters, _ taps: [Tap], _ options: CalibrationOptions
    ) throws -> PartSession {
        let (part, found) = try assembled(parameters, taps)
        return try part.session(
            computing: taps.map { tap in
                switch tap {
                case .value(let value), .between(let value, _): try part.value(for: value)
                default: try found[tap] ?? part.value(for: block.output)
                }
            },
            threads: options.threads, limits: options.limits)
    }

    /// The block's nodes as far as `taps` need them, and the values at these taps and on the way to them.
    func assembled(
        _ parameters: Parameters, _ taps: [Tap]
    ) throws -> (part: PartGraph, found: [Tap: ValueID]) {
        var part = PartGraph(of: graph)
        try part.addInput("x", for: block.input)
        var found: [Tap: ValueID] = [:]
        let input = try part.value(for: block.input)
        let depth = taps.map(\.depth).max() ?? 0
        try part.copy(body.prefix)
        var value =
            try body.prefix.last.flatMap { graph[$0].output(0) }.map { try part.value(for: $0) } ?? input
        found[.features] = value
        if parameters.isGathered, depth > 0 || taps.contains(.input(layer: 0)),
            let shape = graph[block.input].shape?.dims.map(\.value),
            let height = shape[2], let width = shape[3]
        {
            value = try part.addInput(
                "gathered", channels: parameters.layers[0].inputs, height: height, width: width)
        }
        for (position, layer) in body.layers.enumerated() where depth >= 2 * position {
            found[.input(layer: position)] = value
            guard depth > 2 * position else { break }
            value = try part.addConvolution(layer.convolution, parameters.layers[position], on: value)
            found[.result(layer: position)] = value
            if position == body.layers.count - 1, let bias = parameters.bias, depth > 2 * position + 1 {
                value = try part.addBias(bias, of: found[.features] ?? input, to: value)
            }
            if let result = graph[layer.convolution].output(0) { part.set(value, for: result) }
            guard depth > 2 * position + 1 else { break }
            try part.copy(layer.followers, replacing: parameters.constants)
            if let last = layer.followers.last, let output = graph[last].output(0) {
                value = try part.value(for: output)
            }
            if parameters.isMasked, position < body.layers.count - 1 {
                let mask = try part.addInput(
                    "mask\(position)", channels: parameters.layers[position].outputs, height: 1, width: 1)
                value = try part.add("Mul", [value, mask], "masked\(position)")
            }
        }
        if taps.contains(where: \.needsShortcut), block.shortcut != .none {
            try addShortcut(&part, parameters, input, &found)
        }
        if taps.contains(where: \.isAtEnd) {
            found[.output] = try found[.shortcut].map { try addSum(&part, value, $0) } ?? value
        }
        return (part, found)
    }

    private func addShortcut(
        _ part: inout PartGraph, _ parameters: Parameters, _ input: ValueID, _ found: inout [Tap: ValueID]
    ) throws {
        guard let projection else {
            try part.copy(block.shortcutNodes)
            let last = block.shortcutNodes.last.flatMap { graph[$0].output(0) }
            found[.shortcut] = try last.map { try part.value(for: $0) } ?? input
            return
        }
        try part.copy(block.shortcutNodes.dropLast())
        let before = try graph[projection].input(0).map { try part.value(for: $0) } ?? input
        found[.projectionInput] = before
        guard let weights = parameters.projection else { return }
        let result = try part.addConvolution(projection, weights, on: before)
        if let old = graph[projection].output(0) { part.set(result, for: old) }
        found[.shortcut] = result
    }

    private func addSum(
        _ part: inout PartGraph, _ result: ValueID, _ shortcut: ValueID
    ) throws -> ValueID {
        let sum = try part.add("Add", [result, shortcut], "sum")
        if let old = graph[block.closing].output(0) { part.set(sum, for: old) }
        guard !block.finalActivation.isEmpty else { return sum }
        try part.copy(block.finalActivation)
        return try part.value(for: block.output)
    }

    /// The window of a convolution of the block.
    func window(_ convolution: NodeID) throws -> Window {
        guard let window = graph.window(of: convolution) else {
            throw CalibrationError.dynamicShape(graph[block.input].name)
        }
        return window
    }
}

extension BlockPart.Tap {
    /// The depth to which the body has to run: 2 * layer for a convolution's input, one more for its result.
    fileprivate var depth: Int {
        switch self {
        case .features, .projectionInput, .shortcut: 0
        case .input(let layer): 2 * layer
        case .result(let layer): 2 * layer + 1
        case .between(_, let layer): 2 * layer + 2
        case .output, .value: .max
        }
    }

    /// Whether it needs the sum of body and shortcut.
    fileprivate var isAtEnd: Bool {
        switch self {
        case .output, .value: true
        case .features, .input, .result, .between, .projectionInput, .shortcut: false
        }
    }

    fileprivate var needsShortcut: Bool {
        switch self {
        case .projectionInput, .shortcut, .output, .value: true
        case .features, .input, .result, .between: false
        }
    }
}
