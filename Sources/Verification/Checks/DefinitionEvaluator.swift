import GraphIR
import MixtureOfDepths
import Operators

/// Computes a MoD block from its definition, without the graph that was emitted for it.
///
/// Only the parameters come from the file: the selector's two matrices, found backwards from the scores, and
/// the body's nodes between the gathered channels and the block's result. Everything else is written out here
/// in plain double-precision loops, following the paper's section 3.
struct DefinitionEvaluator {
    let graph: Graph
    let block: MoDBlock

    /// The outcome of routing one batch.
    struct Routing {
        /// For each sample, the scores of all channels.
        let scores: [[Double]]
        /// For each sample, the chosen channels, ascending.
        let indices: [[Int]]
        /// The smallest distance between the last chosen and the first rejected score.
        let margin: Double
    }

    /// Steps 1 and 2: s = sigmoid(W2 relu(W1 GAP(X))), and the k highest of each sample.
    func route(_ x: Tensor) throws -> Routing {
        guard let name = block.values.choices.first?.scores else { throw noSelector }
        return Routing(scores: try scores(name, units: block.form.channels, x), block.form.processed)
    }

    /// Step 1: the scores that a selector gives to its units, by sample.
    ///
    /// - Parameter name: the selector's output.
    func scores(_ name: String, units: Int, _ x: Tensor) throws -> [[Double]] {
        let values = try doubles(x, "the block's input")
        let (batch, channels) = (x.shape[0], x.shape[1])
        let plane = x.shape[2...].reduce(1, *)
        let (down, up) = try selectorMatrices(name, units: units)
        var scores: [[Double]] = []
        for sample in 0..<batch {
            let pooled = (0..<channels).map { channel in
                let start = (sample * channels + channel) * plane
                return values[start..<(start + plane)].reduce(0, +) / Double(plane)
            }
            let hidden = down.product(pooled).map { max(0, $0) }
            scores.append(up.product(hidden).map { 1 / (1 + Verifier.exponential(-$0)) })
        }
        return scores
    }

    /// Steps 2 to 4: the gathered channels through the body, times the chosen scores; [N, k, H, W].
    ///
    /// - Parameter gates: for each sample and slot, the factor on the body's result; nil for the fixed
    ///   router.
    func bodyResult(_ x: Tensor, indices: [[Int]], gates: [[Double]]?) throws -> [Double] {
        let (batch, channels, k) = (x.shape[0], x.shape[1], block.form.processed)
        let plane = x.shape[2...].reduce(1, *)
        let values = try doubles(x, "the block's input")
        var gathered: [Double] = []
        gathered.reserveCapacity(batch * k * plane)
        for sample in 0..<batch {
            for channel in indices[sample] {
                let start = (sample * channels + channel) * plane
                gathered.append(contentsOf: values[start..<(start + plane)])
            }
        }
        let input = try Tensor(shape: [batch, k] + x.shape[2...], gathered)
        var result = try doubles(
            try evaluateBody([block.values.gathered: try input.casting(to: x.elementType)]),
            "the body's result"
        )
        guard let gates else { return result }
        for sample in 0..<batch {
            for slot in 0..<k {
                let start = (sample * k + slot) * plane
                for index in start..<(start + plane) { result[index] *= gates[sample][slot] }
            }
        }
        return result
    }

    // MARK: Parameters

    private struct Matrix {
        let rows: Int
        let columns: Int
        let values: [Double]

        func product(_ vector: [Double]) -> [Double] {
            (0..<rows).map { row in
                var sum = 0.0
                for column in 0..<columns { sum += values[row * columns + column] * vector[column] }
                return sum
            }
        }
    }

    private var noSelector: VerificationError {
        .manifest("block \(block.scope) has no selector as described")
    }

    /// A selector's two matrices: [C/r, C] and [units, C/r].
    private func selectorMatrices(_ name: String, units: Int) throws -> (Matrix, Matrix) {
        let k = block.form.processed
        guard let scores = graph.value(named: name),
            let sigmoid = graph.producer(of: scores.id), sigmoid.isOperator("Sigmoid"),
            let second = sigmoid.input(0).flatMap({ graph.producer(of: $0) }), second.isOperator("Conv"),
            let relu = second.input(0).flatMap({ graph.producer(of: $0) }), relu.isOperator("Relu"),
            let first = relu.input(0).flatMap({ graph.producer(of: $0) }), first.isOperator("Conv"),
            let down = matrix(first), let up = matrix(second), down.columns == block.form.channels,
            up.rows == units, down.rows == up.columns, k >= 1, k <= block.form.channels
        else { throw noSelector }
        return (down, up)
    }

    private func matrix(_ node: Node) -> Matrix? {
        guard node.inputs.count == 2, let tensor = graph.constant(node.input(1)), tensor.rank == 4,
            tensor.shape[2] == 1, tensor.shape[3] == 1, let values = tensor.doubles
        else { return nil }
        return Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: values)
    }

    /// Evaluates the body's nodes on its inputs: convolutions, normalisations and activations with constant
    /// parameters, one by one in topological order.
    ///
    /// - Parameters:
    ///   - entries: by name, the gathered channels, and any other value that the body reads.
    ///   - end: the value to compute; nil for the body's result.
    func evaluateBody(_ entries: [String: Tensor], to end: String? = nil) throws -> Tensor {
        var result = graph.value(named: end ?? block.values.body)
        if let gate, let product = result.flatMap({ graph.producer(of: $0.id) }) {
            let operand = product.input(0).map { graph[$0] }
            result = operand?.name == gate ? product.input(1).map { graph[$0] } : operand
        }
        var starts: [ValueID: Tensor] = [:]
        for (name, tensor) in entries {
            if let value = graph.value(named: name) { starts[value.id] = tensor }
        }
        guard let result, starts.count == entries.count else { throw noBody }
        return try evaluate(bodyNodes(from: Set(starts.keys), to: result.id), from: starts, to: result.id)
    }

    /// The value that the body's result is added to: X, the shortcut's value of X, or zeros of a shape.
    func shortcut(of x: Tensor, for shape: [Int]) throws -> Tensor {
        switch block.values.shortcut {
        case .identity: return x
        case .none:
            return try Tensor(shape: shape, [Double](repeating: 0, count: shape.reduce(1, *)))
                .casting(to: x.elementType)
        case .value(let name): return try value(name, of: x)
        }
    }

    /// The value of that name, for the block's input X.
    func value(_ name: String, of x: Tensor) throws -> Tensor {
        guard let start = graph.value(named: block.values.input)?.id, let end = graph.value(named: name)?.id
        else { throw noBody }
        return try evaluate(bodyNodes(from: [start], to: end), from: [start: x], to: end)
    }

    /// Y for the sum X + body: the result of the activation after it, or the sum itself if there is none.
    ///
    /// The file's own activation is used. If the sum is one Add, as in all blocks that keep the source's
    /// activation, it may be any elementwise function; otherwise it must be a Relu.
    func activated(_ sum: Tensor) throws -> Tensor {
        guard let output = graph.value(named: block.values.output)?.id,
            block.values.output != block.values.input
        else {
            return sum
        }
        let body = graph.value(named: block.values.body)?.id
        var shortcut = block.values.input
        switch block.values.shortcut {
        case .identity: break
        case .value(let name): shortcut = name
        case .none: return sum
        }
        let input = graph.value(named: shortcut)?.id
        let addition = body.flatMap { body in
            graph.consumers(of: body).first {
                $0.isOperator("Add") && ($0.inputs == [body, input] || $0.inputs == [input, body])
            }
        }
        var start = addition?.output(0)
        if start == nil, let relu = graph.producer(of: output), relu.isOperator("Relu") {
            start = relu.input(0)
        }
        guard let start else { return sum }
        let nodes = try bodyNodes(from: [start], to: output)
        guard nodes.allSatisfy(BlockRecogniser.isElementwise) else { return sum }
        return try evaluate(nodes, from: [start: sum], to: output)
    }

    /// Evaluates the nodes one by one on given values.
    private func evaluate(_ nodes: [Node], from starts: [ValueID: Tensor], to end: ValueID) throws -> Tensor {
        var values = starts
        let budget = EvaluationBudget()
        for node in nodes {
            guard let rule = OperatorRegistry.find(node), let output = node.output(0) else {
                throw VerificationError.manifest("the body of \(block.scope) holds \(node.operatorType)")
            }
            let inputs = node.inputs.map { input in input.flatMap { values[$0] ?? graph.constant($0) } }
            var context = OperatorContext(graph: graph, node: node, inputs: inputs)
            context.budget = budget
            guard let tensor = try rule.evaluateWithinBudget(context, inputs).first else {
                throw VerificationError.manifest("the body of \(block.scope) computes nothing")
            }
            values[output] = tensor
        }
        guard let tensor = values[end] else { throw noBody }
        return tensor
    }

    /// For the paper's block: the name of the factor on the body's result.
    private var gate: String? {
        if case .routedPaper = block.form { block.values.choices.first?.gates } else { nil }
    }

    private var noBody: VerificationError {
        .manifest("block \(block.scope) has no body as described")
    }

    /// The nodes that `end` depends on, other than through `starts`, each after those that it reads.
    ///
    /// - Throws: `VerificationError.manifest` if they read any other value that is not constant.
    private func bodyNodes(from starts: Set<ValueID>, to end: ValueID) throws -> [Node] {
        var nodes: [Node] = []
        var seen: Set<NodeID> = []
        // The way from `end` to the node at hand, and the inputs of each node that are still to be looked at.
        var open: [(node: Node, inputs: ArraySlice<ValueID?>)] = []
        func enter(_ value: ValueID) throws {
            guard !starts.contains(value), graph.constant(value) == nil else { return }
            guard let node = graph.producer(of: value) else { throw noBody }
            if seen.insert(node.id).inserted { open.append((node, node.inputs[...])) }
        }
        try enter(end)
        while let last = open.indices.last {
            if let input = open[last].inputs.popFirst() {
                if let input { try enter(input) }
            } else {
                nodes.append(open.removeLast().node)
            }
        }
        return nodes
    }

    private func doubles(_ tensor: Tensor, _ what: String) throws -> [Double] {
        guard let values = tensor.doubles else {
            throw VerificationError.manifest("\(what) of \(block.scope) is \(tensor.elementType.onnxName)")
        }
        return values
    }
}
