import GraphIR
import MixtureOfDepths

/// The part of a block that each sample computes, decided before the block is run.
enum SampleChoice: Sendable {
    /// Every sample computes all that the parameters hold.
    case everything
    /// By chunk and hidden layer: [n, units, 1, 1] of ones and zeros.
    case units([[Tensor]])
    /// By chunk and sample: the chosen channels, ascending.
    case channels([[[Int]]])

    /// The inputs of a run of the block on a chunk besides `x`.
    ///
    /// - Parameter features: the input of the first convolution.
    func inputs(chunk: Int, features: () throws -> Tensor) throws -> [String: Tensor] {
        switch self {
        case .everything: return [:]
        case .units(let masks):
            return Dictionary(
                masks[chunk].enumerated().map { ("mask\($0.offset)", $0.element) },
                uniquingKeysWith: { first, _ in first })
        case .channels(let channels):
            return ["gathered": try features().gathering(channels[chunk])]
        }
    }

    /// The indices of the `count` highest `scores`, ascending; ties go to the lower index, as in ONNX's TopK.
    static func top(_ count: Int, of scores: [Double]) -> [Int] {
        let order = scores.indices.sorted {
            scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
        }
        return order.prefix(count).sorted()
    }

    /// The masks that the routers give for the mean features of each chunk.
    static func units(
        _ routers: [LinearRouter], counts: [Int], pooled: [Matrix]
    ) throws -> SampleChoice {
        .units(
            try pooled.map { means in
                try zip(routers, counts).map { router, count in
                    var mask = [Float](repeating: 0, count: means.rows * router.units)
                    for sample in 0..<means.rows {
                        let scores = router.scores(
                            means.values[(sample * means.columns)..<((sample + 1) * means.columns)])
                        for unit in top(count, of: scores) { mask[sample * router.units + unit] = 1 }
                    }
                    return try Tensor(shape: [means.rows, router.units, 1, 1], mask)
                }
            })
    }

    /// The channels with the largest products of mean and gain.
    static func channels(_ gains: [Float], count: Int, pooled: [Matrix]) -> SampleChoice {
        .channels(
            pooled.map { means in
                (0..<means.rows).map { sample in
                    let scores = gains.enumerated().map { Double($0.element) * means[sample, $0.offset] }
                    return top(count, of: scores)
                }
            })
    }
}

extension LinearRouter {
    func scores(_ means: ArraySlice<Double>) -> [Double] {
        let channels = means.count
        return bias.indices.map { unit in
            var sum = Double(bias[unit])
            for (channel, mean) in means.enumerated() {
                sum += Double(weights[unit * channels + channel]) * mean
            }
            return sum
        }
    }
}

extension Tensor {
    /// Gathers each sample's own channels from maps [n, C, H, W].
    func gathering(_ channels: [[Int]]) throws -> Tensor {
        let pixels = shape[2...].reduce(1, *)
        let count = channels.first?.count ?? 0
        return try withElements(of: Float.self) { elements in
            try Tensor(shape: [shape[0], count] + shape[2...], of: Float.self) { target in
                for (sample, chosen) in channels.enumerated() {
                    for (slot, channel) in chosen.enumerated() {
                        let from = (sample * shape[1] + channel) * pixels
                        let to = (sample * count + slot) * pixels
                        for pixel in 0..<pixels { target[to + pixel] = elements[from + pixel] }
                    }
                }
            }
        }
    }
}
