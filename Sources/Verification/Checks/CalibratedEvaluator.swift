import GraphIR
import MixtureOfDepths
import Operators

/// Computes a calibrated block from its definition, without the nodes that choose, gather and multiply.
///
/// Only the parameters come from the file. Their use is written out here in plain double-precision loops:
/// means, scores, the highest k, convolutions of the chosen units, the sum. Elementwise operators (the
/// normalisation before a pre-activation body, the activations) are those of the reference evaluation.
struct CalibratedEvaluator {
    let graph: Graph
    let block: MoDBlock

    /// A batch at the input of a block's choice and body.
    struct Features {
        /// The input of the choice and of the first convolution, [N, C, H, W].
        let tensor: Tensor
        let values: [Double]
        /// The mean of each channel, by sample.
        let means: [[Double]]
    }

    /// X through the operators before the body's choice.
    func features(_ x: Tensor) throws -> Features {
        let definition = DefinitionEvaluator(graph: graph, block: block)
        let tensor = try definition.value(block.values.gathered, of: x)
        let values = try doubles(tensor)
        let plane = tensor.shape[2...].reduce(1, *)
        let means = (0..<tensor.shape[0]).map { sample in
            (0..<tensor.shape[1]).map { channel in
                let start = (sample * tensor.shape[1] + channel) * plane
                return values[start..<(start + plane)].reduce(0, +) / Double(plane)
            }
        }
        return Features(tensor: tensor, values: values, means: means)
    }

    /// The scores of a choice, by sample: W GAP + b for hidden units, gains times GAP for channels.
    func scores(_ route: ChoiceValues, _ features: Features) throws -> [[Double]] {
        guard let value = graph.value(named: route.scores), let node = graph.producer(of: value.id),
            let weights = graph.constant(node.input(1)), let factors = weights.doubles
        else { throw problem("has no router as described") }
        let channels = features.means.first?.count ?? 0
        switch node.operatorType {
        case "Mul" where factors.count == channels:
            return features.means.map { zip($0, factors).map(*) }
        case "Conv" where weights.rank == 4 && weights.shape[1...] == [channels, 1, 1]:
            let bias = graph.constant(node.input(2))?.doubles ?? []
            guard bias.count == weights.shape[0] else { throw problem("has a router without bias") }
            return features.means.map { means in
                bias.indices.map { unit in
                    means.indices.reduce(bias[unit]) { $0 + factors[unit * channels + $1] * means[$1] }
                }
            }
        default: throw problem("has no router as described")
        }
    }

    /// The body's result on gathered channels, for a body of plain convolutions: [N, fused, H, W].
    func narrowBody(_ features: Features, channels: [[Int]]) throws -> Tensor {
        let sum = try biasedSum(features)
        var all = try chain(from: sum?.operand ?? block.values.body, to: block.values.gathered) { node in
            // The first operand of Where is its condition.
            node.input(node.isOperator("Where") ? 1 : 0)
        }
        // The channels of all samples may lie in one axis.
        if all.first?.isOperator("Reshape") == true { all.removeFirst() }
        guard all.first?.operatorType.hasPrefix("Gather") == true else {
            throw problem("gathers no channels")
        }
        let body = all.drop { CalibratedEvaluator.choice.contains($0.operatorType) }
        guard let start = body.first?.input(0).map({ graph[$0].name }) else { throw problem("has no body") }
        let shape = features.tensor.shape
        let plane = shape[2...].reduce(1, *)
        var gathered: [Double] = []
        for (sample, chosen) in channels.enumerated() {
            for channel in chosen {
                let start = (sample * shape[1] + channel) * plane
                gathered.append(contentsOf: features.values[start..<(start + plane)])
            }
        }
        let tensor = try Tensor(
            shape: [shape[0], channels.first?.count ?? 0] + shape[2...], gathered)
        // An activation may have several nodes, so the body is no chain.
        let result = try DefinitionEvaluator(graph: graph, block: block).evaluateBody(
            [start: try tensor.casting(to: features.tensor.elementType)],
            to: sum?.operand ?? block.values.body)
        return try sum.map { try biased(result, $0) } ?? result
    }

    /// The operators that take channels out of the features.
    private static let choice: Set<String> = ["Gather", "GatherND", "GatherElements", "Where", "Concat"]

    /// The channels that a fixed choice gathers; nil if it gathers none.
    func fixedChannels() throws -> [Int]? {
        let nodes = try chain(from: block.values.body, to: block.values.gathered, through: { $0.input(0) })
        guard let first = nodes.first, first.isOperator("Gather") else { return nil }
        return graph.constant(first.input(1))?.integers
    }

    // MARK: Nodes

    /// The nodes on the way back from one value to another, in the order of computation.
    func chain(
        from end: String, to start: String, through input: (Node) -> ValueID?
    ) throws -> [Node] {
        var nodes: [Node] = []
        var name = end
        while name != start {
            guard let value = graph.value(named: name), let node = graph.producer(of: value.id),
                let next = input(node), nodes.count < graph.order.count
            else { throw problem("is not as described between \"\(start)\" and \"\(end)\"") }
            nodes.append(node)
            name = graph[next].name
        }
        return nodes.reversed()
    }

    /// Evaluates the nodes, each with its constants, one after the other.
    func evaluate(_ nodes: [Node], on tensor: Tensor) throws -> Tensor {
        try nodes.reduce(tensor) { tensor, node in
            guard let rule = OperatorRegistry.find(node) else {
                throw problem("holds \(node.operatorType)")
            }
            let inputs = [tensor] + node.inputs.dropFirst().map { graph.constant($0) }
            let context = OperatorContext(graph: graph, node: node, inputs: inputs)
            guard let output = try rule.evaluate(context, inputs).first else {
                throw problem("computes nothing")
            }
            return output
        }
    }

    func doubles(_ tensor: Tensor) throws -> [Double] {
        guard let values = tensor.doubles else {
            throw problem("computes \(tensor.elementType.onnxName)")
        }
        return values
    }

    func problem(_ text: String) -> VerificationError { .manifest("block \(block.scope) \(text)") }
}
