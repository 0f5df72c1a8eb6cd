import GraphIR
import MixtureOfDepths
import Operators

extension CalibratedEvaluator {
    /// The body's result if each sample computes its own hidden units: [N, C, H, W].
    ///
    /// - Parameters:
    ///   - units: by hidden layer and sample, the chosen units.
    ///   - gates: by hidden layer and sample, the factors on the chosen units' activations; nil for none.
    func routedBody(
        _ features: Features, units: [[[Int]]], gates: [[[Double]]]? = nil
    ) throws -> Tensor {
        let tables = block.values.tables
        guard tables.count == units.count + 1 else {
            throw problem("has no tables of weights for its layers")
        }
        let sum = try biasedSum(features)
        let activations = try activationsBetweenLayers(tables.count, to: sum?.operand ?? block.values.body)
        let (height, width) = (features.tensor.shape[2], features.tensor.shape[3])
        let batch = features.tensor.shape[0]
        var maps = features.values
        var inputs = [[Int]](repeating: Array(0..<features.tensor.shape[1]), count: batch)
        for (layer, table) in tables.enumerated() {
            let isLast = layer == tables.count - 1
            let filters = try self.filters(table, isFirst: layer == 0, isLast: isLast)
            let outputs =
                isLast ? [[Int]](repeating: Array(0..<table.shape[0]), count: batch) : units[layer]
            var results: [Double] = []
            var start = 0
            for sample in 0..<batch {
                let size = inputs[sample].count * height * width
                let map = Array(maps[start..<(start + size)])
                for output in outputs[sample] {
                    results += filters.apply(
                        to: map, inputs: inputs[sample], output: output, height: height, width: width)
                }
                start += size
            }
            let shape = [batch, outputs.first?.count ?? 0, height, width]
            let tensor = try Tensor(shape: shape, results).casting(to: features.tensor.elementType)
            maps = try doubles(try isLast ? tensor : evaluate(activations[layer], on: tensor))
            if !isLast, let gates = gates?[layer].flatMap({ $0 }) {
                for position in maps.indices { maps[position] *= gates[position / (height * width)] }
            }
            inputs = outputs
        }
        let result = try Tensor(
            shape: [batch, tables[tables.count - 1].shape[0], height, width], maps)
        return try sum.map { try biased(result, $0) } ?? result
    }

    /// The filters of one layer of the whole block.
    private struct Filters {
        /// [output][input][tap]
        let weights: [Double]
        let bias: [Double]
        let shape: [Int]
        let pads: [Int]
        let dilations: [Int]

        /// One output's map from the maps of the chosen inputs.
        func apply(
            to maps: [Double], inputs: [Int], output: Int, height: Int, width: Int
        ) -> [Double] {
            let (rows, columns) = (shape[2], shape[3])
            var result = [Double](repeating: bias[output], count: height * width)
            for (slot, input) in inputs.enumerated() {
                for row in 0..<rows {
                    for column in 0..<columns {
                        let weight = weights[
                            ((output * shape[1] + input) * rows + row) * columns + column]
                        let (down, right) = (row * dilations[0] - pads[0], column * dilations[1] - pads[1])
                        for y in max(0, -down)..<max(0, -down, min(height, height - down)) {
                            let source = (slot * height + y + down) * width + right
                            for x in max(0, -right)..<max(0, -right, min(width, width - right)) {
                                result[y * width + x] += weight * maps[source + x]
                            }
                        }
                    }
                }
            }
            return result
        }
    }

    /// A layer's filters, read in the order in which its table stores them.
    private func filters(
        _ table: WeightTable, isFirst: Bool, isLast: Bool
    ) throws -> Filters {
        let shape = table.shape
        guard shape.count == 4, let stored = graph.value(named: table.weights)?.constant?.doubles,
            let bias = graph.value(named: table.bias)?.constant?.doubles,
            stored.count == Shape.elementCount(of: shape), bias.count == shape[0], table.pads.count == 2,
            table.dilations.count == 2
        else { throw problem("has a table of weights that is not as described") }
        var weights = stored
        if isLast {
            // Stored input by input.
            let taps = shape[2] * shape[3]
            for output in 0..<shape[0] {
                for input in 0..<shape[1] {
                    for tap in 0..<taps {
                        weights[(output * shape[1] + input) * taps + tap] =
                            stored[(input * shape[0] + output) * taps + tap]
                    }
                }
            }
        }
        return Filters(
            weights: weights, bias: bias, shape: shape, pads: table.pads, dilations: table.dilations)
    }

    /// The activations after each matrix product but the last, in order.
    private func activationsBetweenLayers(_ layers: Int, to end: String) throws -> [[Node]] {
        let nodes = try chain(from: end, to: block.values.gathered) { node in
            // A matrix product's first operand is the weights, its second the maps.
            node.input(node.isOperator("MatMul") ? 1 : 0)
        }
        var activations: [[Node]] = []
        for node in nodes {
            if node.isOperator("MatMul") {
                activations.append([])
            } else if !activations.isEmpty, !CalibratedEvaluator.layout.contains(node.operatorType) {
                activations[activations.count - 1].append(node)
            }
        }
        guard activations.count == layers, activations.last?.isEmpty == true else {
            throw problem("has no products for its layers")
        }
        return activations
    }

    /// The operators that arrange maps for the products, add biases and multiply by gates.
    private static let layout: Set<String> = ["Reshape", "Pad", "Slice", "Concat", "Add", "Mul"]
}
