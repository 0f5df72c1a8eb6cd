import GraphIR

/// Counts the strict multiply-accumulates of a block's body with any widths, for one sample.
public struct BodyMACs: Sendable {
    /// The convolutions of the source's body.
    private let layers: [LayeredBody.Layer]
    /// Elements of the map that each convolution computes.
    private let pixels: [Int]
    /// For each layer, the convolutions of the channel attention after it.
    private let gates: [[Gate]]

    /// A convolution of channel attention, which is computed once for each sample.
    private struct Gate {
        /// [outputs, inputs, 1, 1]
        let shape: [Int]
        /// The axes that are cut with the layer's units.
        let axes: [Int]

        /// With `units` of the layer's units.
        func count(_ units: Int) -> Int {
            [0, 1].reduce(1) { $0 * (axes.contains($1) ? units : shape[$1]) }
        }
    }

    /// - Returns: nil if the maps' heights and widths are not known.
    public init?(_ body: LayeredBody, in graph: Graph) {
        layers = body.layers
        var pixels: [Int] = []
        for layer in body.layers {
            let dims = graph[layer.convolution].output(0).flatMap { graph[$0].shape }?.dims.suffix(2)
            guard let count = dims.flatMap({ Shape(Array($0)).elementCount }) else { return nil }
            pixels.append(count)
        }
        self.pixels = pixels
        gates = body.layers.map { layer in
            let weights = layer.cuts.filter { $0.input == 1 && graph[$0.node].isOperator("Conv") }
            return Dictionary(grouping: weights, by: \.node).compactMap { node, cuts in
                guard let shape = graph.constant(graph[node].input(1))?.shape else { return nil }
                return Gate(shape: shape, axes: cuts.map(\.axis))
            }
        }
    }

    /// The source's body.
    public var source: Int { count(inputs: nil, hidden: layers.dropLast().map(\.outputs), outputs: nil) }

    /// The linear routers, from the channels of the input to all units of each hidden layer.
    var routers: Int { layers.dropLast().reduce(0) { $0 + $1.outputs * layers[0].weightShape[1] } }

    /// A bias for each sample, through `rank` features of the means of the channels that enter the body; 0 for none.
    ///
    /// - Parameter outputs: the channels that get it; nil for those of the source.
    func bias(_ rank: Int?, outputs: Int?) -> Int {
        (rank ?? 0) * (layers[0].weightShape[1] + (outputs ?? layers[layers.count - 1].outputs))
    }

    /// A body with other widths; nil stands for those of the source.
    func count(inputs: Int?, hidden: [Int], outputs: Int?) -> Int {
        var channels = inputs ?? layers[0].weightShape[1]
        return layers.indices.reduce(0) { sum, index in
            let (layer, shape) = (layers[index], layers[index].weightShape)
            let filters = index < hidden.count ? hidden[index] : outputs ?? shape[0]
            let read = layer.isDepthwise ? 1 : channels / layer.groups
            channels = filters
            let attention = gates[index].reduce(0) { $0 + $1.count(filters) }
            return sum + filters * read * shape[2] * shape[3] * pixels[index] + attention
        }
    }
}
