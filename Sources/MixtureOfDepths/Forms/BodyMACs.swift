import GraphIR

/// Counts the strict multiply-accumulates of a block's body with any widths, for one sample.
public struct BodyMACs: Sendable {
    /// The weight shape of each convolution: [outputs, inputs, height, width].
    private let layers: [[Int]]
    /// Elements of the map that each convolution computes.
    private let pixels: [Int]

    /// - Returns: nil if the maps' heights and widths are not known.
    public init?(_ body: LayeredBody, in graph: Graph) {
        layers = body.layers.map(\.weightShape)
        var pixels: [Int] = []
        for layer in body.layers {
            let dims = graph[layer.convolution].output(0).flatMap { graph[$0].shape }?.dims.suffix(2)
            guard let count = dims.flatMap({ Shape(Array($0)).elementCount }) else { return nil }
            pixels.append(count)
        }
        self.pixels = pixels
    }

    /// The source's body.
    public var source: Int { count(inputs: nil, hidden: layers.dropLast().map { $0[0] }, outputs: nil) }

    /// The linear routers, from the channels of the input to all units of each hidden layer.
    var routers: Int { layers.dropLast().reduce(0) { $0 + $1[0] * layers[0][1] } }

    /// A body with other widths; nil stands for those of the source.
    func count(inputs: Int?, hidden: [Int], outputs: Int?) -> Int {
        var channels = inputs ?? layers[0][1]
        return layers.indices.reduce(0) { sum, index in
            let filters = index < hidden.count ? hidden[index] : outputs ?? layers[index][0]
            defer { channels = filters }
            return sum + filters * channels * layers[index][2] * layers[index][3] * pixels[index]
        }
    }
}
