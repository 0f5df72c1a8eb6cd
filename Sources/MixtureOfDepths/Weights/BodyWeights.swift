import GraphIR
import Operators

/// The widths of a shrunk body.
struct BodyWidths {
    /// The channels that enter and leave the body.
    let processed: Int
    /// The filters of its hidden layers.
    let filters: [Int]

    init(_ body: ChannelBody) { (processed, filters) = (body.processed, body.hidden) }

    init(_ form: GatedHidden) { (processed, filters) = (form.channels, form.widths) }

    init(_ form: FixedHidden) { (processed, filters) = (form.channels, form.hidden) }
}

/// The parameters of a shrunk body, node by node.
struct BodyWeights {
    /// For each node of the body and each of its inputs, the constant there; nil where the node reads a value
    /// of the body, or the input is left out.
    let parameters: [[Tensor?]]

    /// - Throws: `ConversionError.unsupportedWeights` if weights are not of a floating-point type.
    init(_ graph: Graph, _ block: ConvBlock, _ widths: BodyWidths, _ start: WeightStart) throws {
        guard let layers = BodyLayer.layers(of: block.body, in: graph) else {
            throw ConversionError.notAsPlanned(block.scope, .noConvolution)
        }
        let selections = ChannelImportance(graph: graph, layers: layers, body: block.body).selections(widths)
        var parameters: [[Tensor?]] = []
        var layer = 0
        for id in block.body {
            let node = graph[id]
            let old = node.inputs.map { graph.constant($0) }
            switch node.operatorType {
            case "Conv":
                guard old.allSatisfy({ $0 == nil || $0?.floats != nil }) else {
                    throw ConversionError.unsupportedWeights(graph.label(of: node))
                }
                let kept = (inputs: selections[layer], outputs: selections[layer + 1])
                let groups = layers[layer].groups
                parameters.append(
                    try old.enumerated().map { index, tensor in
                        index == 1
                            ? try tensor.map { try BodyWeights.slice($0, kept, groups: groups) }
                            : try tensor?.selecting(kept.outputs, axis: 0)
                    })
                layer += 1
            case "BatchNormalization", "LayerNormalization":
                parameters.append(try old.map { try $0?.selecting(selections[layer], axis: 0) })
            default:
                parameters.append(
                    try old.map { tensor in
                        guard let tensor, let axis = tensor.channelAxis else { return tensor }
                        return try tensor.selecting(selections[layer], axis: axis)
                    })
            }
        }
        if start.policy != .slice {
            let stream = "\(block.scope)/mod/body"
            let nodes = block.body.map { graph[$0] }
            parameters = try BodyWeights.initialised(
                parameters, nodes, gain: BodyWeights.gain(of: nodes, in: graph), seed: start.seed,
                stream: stream)
            if start.policy == .zero, !BodyWeights.silence(&parameters, nodes) {
                throw ConversionError.cannotBeSilenced(block.scope)
            }
        }
        self.parameters = parameters
    }

    /// The kept rows and columns of a weight. With groups, columns are those of one group, and all of them
    /// stay.
    private static func slice(
        _ weights: Tensor, _ kept: (inputs: [Int], outputs: [Int]), groups: Int
    ) throws -> Tensor {
        let rows = try weights.selecting(kept.outputs, axis: 0)
        return groups > 1 ? rows : try rows.selecting(kept.inputs, axis: 1)
    }

    /// Parameters of the same shapes as those of a body's nodes, with which the body computes 0 until it is
    /// trained.
    ///
    /// - Throws: `ConversionError.cannotBeSilenced` if the body ends in an activation.
    static func silent(
        _ nodes: [Node], in graph: Graph, seed: UInt64, stream: String, block scope: String
    ) throws -> [[Tensor?]] {
        var parameters = try initialised(
            nodes.map { $0.inputs.map { graph.constant($0) } }, nodes, gain: 1, seed: seed, stream: stream)
        guard silence(&parameters, nodes) else { throw ConversionError.cannotBeSilenced(scope) }
        return parameters
    }

    /// Makes a body whose biases are 0 compute 0: zeroes the scale of its last normalisation, or the weights
    /// of its last convolution if no normalisation follows.
    ///
    /// - Returns: false if an activation follows, which may block the gradient at zero.
    private static func silence(_ parameters: inout [[Tensor?]], _ nodes: [Node]) -> Bool {
        guard let last = lastLayer(of: nodes), let tensor = parameters[last][1],
            !nodes[(last + 1)...].contains(where: {
                BlockRecogniser.activations.contains($0.operatorType)
            }),
            let zeros = try? Tensor(
                shape: tensor.shape, [Float](repeating: 0, count: tensor.elementCount)
            ).casting(to: tensor.elementType)
        else { return false }
        parameters[last][1] = zeros
        return true
    }

    /// The layer that sets the body's scale: its last convolution, or the normalisation after it.
    private static func lastLayer(of nodes: [Node]) -> Int? {
        nodes.lastIndex {
            $0.isOperator("Conv") || $0.isOperator("BatchNormalization")
                || $0.isOperator("LayerNormalization")
        }
    }

    /// The magnitude of the weights of a body's last layer, if that is a convolution, relative to He-normal
    /// weights.
    private static func gain(of nodes: [Node], in graph: Graph) -> Double {
        guard let last = lastLayer(of: nodes), nodes[last].isOperator("Conv"),
            let weights = graph.constant(nodes[last].input(1)), let values = weights.floats, !values.isEmpty
        else { return 1 }
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)
        let fanIn = weights.shape.dropFirst().reduce(1, *)
        let gain = (square * Double(fanIn) / 2).squareRoot()
        return gain.isFinite ? gain : 1
    }

    /// Parameters of the same shapes for training from scratch: He-normal weights over the fan-in, biases 0,
    /// identity normalisations. Only the body's own scale is kept, so that the new body adds about as much to
    /// the stream as the old one: the scale of its last normalisation, or, if it ends in a convolution, the
    /// magnitude of the weights.
    ///
    /// - Parameter gain: that magnitude relative to He-normal weights.
    private static func initialised(
        _ parameters: [[Tensor?]], _ nodes: [Node], gain: Double, seed: UInt64, stream: String
    ) throws -> [[Tensor?]] {
        let last = lastLayer(of: nodes)
        return try zip(parameters, nodes).enumerated().map { position, pair in
            let (tensors, node) = pair
            return try tensors.enumerated().map { index, tensor in
                guard let tensor else { return nil }
                let count = tensor.elementCount
                let values: [Float]
                switch (node.operatorType, index) {
                case ("Conv", 1):
                    let fanIn = tensor.shape.dropFirst().reduce(1, *)
                    let deviation = (2.0 / Double(fanIn)).squareRoot() * (position == last ? gain : 1)
                    var generator = SeededGenerator(seed: seed, stream: "\(stream)/\(position)")
                    values = generator.normal(count: count, deviation: deviation)
                case ("BatchNormalization", 1) where position == last,
                    ("LayerNormalization", 1) where position == last:
                    return tensor
                case ("Conv", _): values = [Float](repeating: 0, count: count)
                case ("BatchNormalization", 1), ("BatchNormalization", 4), ("LayerNormalization", 1):
                    values = [Float](repeating: 1, count: count)
                case ("BatchNormalization", _), ("LayerNormalization", _):
                    values = [Float](repeating: 0, count: count)
                default: return tensor
                }
                return try Tensor(shape: tensor.shape, values).casting(to: tensor.elementType)
            }
        }
    }
}
