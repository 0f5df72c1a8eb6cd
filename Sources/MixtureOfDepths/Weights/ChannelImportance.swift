import GraphIR
import Operators

/// Chooses the channels that a shrunk body keeps, from the weights alone.
///
/// The importance of a unit between two convolutions is the product of its inputs' and its outputs' norms:
///
///     importance(u) = ||W_p[u, :]|| * |gamma_u| / sqrt(var_u + eps) * ||W_{p+1}[:, u]||
///
/// with L2 norms over all taps; the middle factor is that of a separate BatchNormalization between them, if
/// there is one. The importance of an input channel is ||W_1[:, c]||. In grouped convolutions a group has the
/// sum of its units' importance, and whole groups are kept. Ties go to the lower index. A hidden layer that
/// is to hold more units than it has repeats them.
struct ChannelImportance {
    let graph: Graph
    let layers: [BodyLayer]
    let body: [NodeID]

    /// The kept channels, ascending: first those of the block's input, then the outputs of each convolution.
    ///
    /// The body's last convolution keeps outputs 0..<k, since its results are added to channels 0..<k.
    func selections(_ widths: BodyWidths) -> [[Int]] {
        var result = [top(widths.processed, of: inputScores)]
        for (position, layer) in layers.enumerated().dropLast() {
            if layer.groups > 1 {
                result.append(outputsOfGroups(position, keptInputs: result[position]))
                continue
            }
            let received = norms(layer: position, axis: 0)
            let gain = normalisation(after: layer.convolution)
            let next = layers[position + 1]
            var scores = received.enumerated().map { $0.element * (gain?[$0.offset] ?? 1) }
            if next.groups == 1 {
                let passed = norms(layer: position + 1, axis: 1)
                scores = zip(scores, passed).map(*)
                result.append(top(widths.filters[position], of: scores))
            } else {
                let size = next.inputChannels / next.groups
                let groups = stride(from: 0, to: scores.count, by: size).map {
                    scores[$0..<min($0 + size, scores.count)].reduce(0, +)
                }
                let kept = top(widths.filters[position] / size, of: groups)
                result.append(kept.flatMap { ($0 * size)..<(($0 + 1) * size) })
            }
        }
        result.append(Array(0..<widths.processed))
        return result
    }

    /// The importance of the block's input channels: the norm of the weights that read them. A depthwise
    /// convolution at the start hands each channel on to the next convolution, so both norms count.
    private var inputScores: [Double] {
        guard layers.count > 1, layers[0].isDepthwise else { return norms(layer: 0, axis: 1) }
        return zip(norms(layer: 0, axis: 0), norms(layer: 1, axis: 1)).map(*)
    }

    private func outputsOfGroups(_ position: Int, keptInputs: [Int]) -> [Int] {
        let layer = layers[position]
        let (inputs, outputs) = (layer.inputChannels / layer.groups, layer.outputChannels / layer.groups)
        let groups = stride(from: 0, to: keptInputs.count, by: inputs).map { keptInputs[$0] / inputs }
        return groups.flatMap { ($0 * outputs)..<(($0 + 1) * outputs) }
    }

    /// L2 norms of a layer's weights per entry of `axis` (0: filters, 1: inputs of each group).
    private func norms(layer position: Int, axis: Int) -> [Double] {
        guard let weights = graph.constant(graph[layers[position].convolution].input(1)) else { return [] }
        let (filters, inputs) = (weights.shape[0], weights.shape[1])
        let taps = weights.shape[2...].reduce(1, *)
        let size = inputs * taps
        // Filter by filter: reading all floats at once would copy them if a file holds them at an odd
        // address.
        let all = weights.elementType == .float32 ? nil : weights.floats
        var sums = [Double](repeating: 0, count: axis == 0 ? filters : inputs)
        for filter in 0..<filters {
            let range = (filter * size)..<((filter + 1) * size)
            guard let values = all.map({ Array($0[range]) }) ?? weights.floats(in: range) else { return [] }
            var next = 0
            for input in 0..<inputs {
                var sum = 0.0
                for _ in 0..<taps {
                    sum += Double(values[next]) * Double(values[next])
                    next += 1
                }
                sums[axis == 0 ? filter : input] += sum
            }
        }
        return sums.map { $0.squareRoot() }
    }

    /// |gamma| / sqrt(var + eps) of the BatchNormalization that follows a convolution directly.
    private func normalisation(after convolution: NodeID) -> [Double]? {
        guard let position = body.firstIndex(of: convolution), position + 1 < body.count else { return nil }
        let node = graph[body[position + 1]]
        guard node.isOperator("BatchNormalization"), let scale = graph.constant(node.input(1))?.floats,
            let variance = graph.constant(node.input(4))?.floats, scale.count == variance.count
        else { return nil }
        var epsilon = 1e-5
        if case .float(let value)? = node.attributes["epsilon"] { epsilon = Double(value) }
        return zip(scale, variance).map { abs(Double($0)) / (Double($1) + epsilon).squareRoot() }
    }

    /// The indices of the `count` largest scores, ascending. NaN counts as the smallest.
    private func top(_ count: Int, of scores: [Double]) -> [Int] {
        let order = scores.indices.sorted { a, b in
            let (x, y) = (scores[a].isNaN ? -1 : scores[a], scores[b].isNaN ? -1 : scores[b])
            return x == y ? a < b : x > y
        }
        guard !order.isEmpty else { return [] }
        return (0..<count).map { order[$0 % order.count] }.sorted()
    }
}
