import GraphIR
import MixtureOfDepths

/// The strict multiply-accumulates of a block's body in any form, for one sample.
struct BlockMACs {
    private let layers: [[Int]]
    /// Elements of the map that each layer computes.
    private let pixels: [Int]

    /// - Throws: `CalibrationError.dynamicShape` if the maps' sizes are not known.
    init(_ body: LayeredBody, in graph: Graph) throws(CalibrationError) {
        layers = body.layers.map(\.weightShape)
        var pixels: [Int] = []
        for layer in body.layers {
            let dims = graph[layer.convolution].output(0).flatMap { graph[$0].shape }?.dims.suffix(2)
            guard let count = dims.flatMap({ Shape(Array($0)).elementCount }) else {
                throw .dynamicShape(graph.label(of: graph[layer.convolution]))
            }
            pixels.append(count)
        }
        self.pixels = pixels
    }

    /// Of the source's body.
    var source: Int { count(inputs: nil, hidden: layers.dropLast().map { $0[0] }, outputs: nil) }

    /// Of the body in another shape, its routers included.
    func count(_ shape: MoDShape) -> Int {
        switch shape.kind {
        case .dropped: 0
        case .fixedHidden: count(inputs: nil, hidden: shape.hidden, outputs: nil)
        case .routedHidden, .gatedHidden:
            count(inputs: nil, hidden: shape.hidden, outputs: nil)
                + layers.dropLast().reduce(0) { $0 + $1[0] * layers[0][1] }
        case .fixedChannels, .routedChannels, .paper:
            count(inputs: shape.processed, hidden: shape.hidden, outputs: shape.fused)
        }
    }

    private func count(inputs: Int?, hidden: [Int], outputs: Int?) -> Int {
        var channels = inputs ?? layers[0][1]
        return layers.indices.reduce(0) { sum, index in
            let filters = index < hidden.count ? hidden[index] : outputs ?? layers[index][0]
            defer { channels = filters }
            return sum + filters * channels * layers[index][2] * layers[index][3] * pixels[index]
        }
    }
}
