import GraphIR
import MixtureOfDepths
import Operators

extension CalibratedEvaluator {
    /// The sum of the last convolution's result and a bias that each sample gets.
    struct BiasedSum {
        /// The convolution's result, and the sum.
        let operand: String
        let result: String
        /// The bias of each channel, by sample.
        let biases: [[Double]]
    }

    /// The bias by its definition, R (P GAP + p), and the sum that it belongs to; nil for a form without one.
    ///
    /// Only P, p, R and the place of the sum are taken from the file.
    func biasedSum(_ features: Features) throws -> BiasedSum? {
        guard let rank = block.form.payload.biasRank else { return nil }
        let channels = features.means.first?.count ?? 0
        guard let names = block.values.bias, let bias = graph.value(named: names.bias),
            let sum = graph.soleConsumer(of: bias.id), sum.inputs.count == 2, let result = sum.output(0),
            let operand = sum.inputs.compactMap({ $0 }).first(where: { $0 != bias.id }),
            let down = map(names.features, reading: channels), let up = map(names.bias, reading: rank),
            down.offsets.count == rank
        else { throw problem("has no bias as described") }
        return BiasedSum(
            operand: graph[operand].name, result: graph[result].name,
            biases: features.means.map { up.of(down.of($0)) })
    }

    /// A body's result with its bias, from the last convolution's.
    func biased(_ tensor: Tensor, _ sum: BiasedSum) throws -> Tensor {
        var values = try doubles(tensor)
        let plane = tensor.shape[2...].reduce(1, *)
        guard tensor.shape[0] == sum.biases.count, tensor.shape[1] == sum.biases.first?.count else {
            throw problem("has a bias for other channels")
        }
        let biases = sum.biases.flatMap { $0 }
        for index in values.indices { values[index] += biases[index / plane] }
        return try Tensor(shape: tensor.shape, values).casting(to: tensor.elementType)
    }

    /// y = W x + b.
    private struct LinearMap {
        /// [outputs][inputs]
        let weights: [Double]
        let offsets: [Double]

        func of(_ x: [Double]) -> [Double] {
            offsets.indices.map { row in
                x.indices.reduce(offsets[row]) { $0 + weights[row * x.count + $1] * x[$1] }
            }
        }
    }

    /// The convolution of one pixel that computes a value; nil if another node does, or reads other channels.
    private func map(_ name: String, reading channels: Int) -> LinearMap? {
        guard let value = graph.value(named: name), let node = graph.producer(of: value.id),
            node.isOperator("Conv"), let tensor = graph.constant(node.input(1)), tensor.rank == 4,
            tensor.shape[1...] == [channels, 1, 1], let weights = tensor.doubles
        else { return nil }
        let none = [Double](repeating: 0, count: tensor.shape[0])
        let offsets = node.input(2).map { graph.constant($0)?.doubles ?? [] } ?? none
        return offsets.count == none.count ? LinearMap(weights: weights, offsets: offsets) : nil
    }
}
