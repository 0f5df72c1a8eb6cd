import GraphIR
import Operators

/// Finds MoD blocks by their structure in files without a manifest, such as PyTorch's exports after training.
///
/// The search is for the parts of a block, not for this tool's spelling of them:
///
///     X ── mean over the map ── Conv 1x1 ── Relu ── Conv 1x1 ── Sigmoid ── s        selector, without biases
///     s ── TopK k ── TopK, smallest first ── indices ── any gather of X, and of s   routed channels
///     (body of the gathered channels) * gathered s ── added to the first k channels of X
///
/// `MoDRecogniser+Hidden`, `+Paired` and `+Fixed` find the blocks of gated hidden units, those that choose
/// between pairs of channels, and those without a selector. The graph must be in canonical form. Recognition changes nothing.
public struct MoDRecogniser {
    public let graph: Graph

    /// The blocks of `graph` in topological order, as a manifest lists them. O(nodes * longest body).
    public static func blocks(in graph: Graph) -> [MoDBlock] {
        let recogniser = MoDRecogniser(graph: graph)
        let selectors = graph.nodes.compactMap { recogniser.selector(endingAt: $0) }
        let gathers = selectors.isEmpty ? [:] : recogniser.gathersByOrigin
        var blocks = selectors.compactMap { recogniser.channelBlock($0, gathers) }
        blocks += recogniser.hiddenBlocks(selectors)
        blocks += recogniser.pairedBlocks()
        let taken = Set(blocks.map(\.values.output))
        blocks += recogniser.fixedBlocks().filter { !taken.contains($0.values.output) }
        let places = graph.places
        func place(_ block: MoDBlock) -> Int {
            graph.value(named: block.values.output).flatMap { graph.producer(of: $0.id) }
                .flatMap { places[$0.id] } ?? 0
        }
        return recogniser.namingApart(blocks.sorted { place($0) < place($1) })
    }

    // MARK: The selector

    struct Selector {
        /// X.
        let input: ValueID
        let scores: ValueID
        /// C, the number of scores, and the units between.
        let channels: Int
        let units: Int
        let hidden: Int
        let scope: String
    }

    private func selector(endingAt sigmoid: Node) -> Selector? {
        guard sigmoid.isOperator("Sigmoid"), let scores = sigmoid.output(0),
            let up = pointwise(producer(sigmoid.input(0))), let relu = producer(up.node.input(0)),
            relu.isOperator("Relu"), let down = pointwise(producer(relu.input(0))),
            let pool = producer(down.node.input(0)), isMeanOverMap(pool), let input = pool.input(0),
            down.outputs == up.inputs
        else { return nil }
        return Selector(
            input: input, scores: scores, channels: down.inputs, units: up.outputs, hidden: down.outputs,
            scope: scope(of: [sigmoid, up.node, down.node]))
    }

    /// A 1x1 convolution with constant weights and no bias.
    private func pointwise(_ node: Node?) -> (node: Node, inputs: Int, outputs: Int)? {
        guard let node, node.isOperator("Conv"), node.inputs.count == 2,
            let shape = graph.constant(node.input(1))?.shape, shape.count == 4, shape[2...] == [1, 1]
        else { return nil }
        return (node, shape[1], shape[0])
    }

    func isMeanOverMap(_ node: Node) -> Bool {
        if node.isOperator("GlobalAveragePool") { return true }
        guard node.isOperator("ReduceMean"), let value = node.input(0), graph[value].shape?.rank == 4 else {
            return false
        }
        let context = OperatorContext(graph: graph, node: node)
        let axes =
            graph.constant(node.input(1))?.integers ?? (try? context.ints("axes"))?.map { Int($0) } ?? []
        return Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3]
            && (try? context.int("keepdims", default: 1)) == 1
    }

    // MARK: Routed channels

    /// The gathers by the value before reshapes that they gather from, in topological order.
    private var gathersByOrigin: [ValueID: [Node]] {
        var gathers: [ValueID: [Node]] = [:]
        for node in graph.nodes where node.operatorType.hasPrefix("Gather") && node.domain.isEmpty {
            if let source = origin(node.input(0)) { gathers[source, default: []].append(node) }
        }
        return gathers
    }

    private func channelBlock(_ selector: Selector, _ gathers: [ValueID: [Node]]) -> MoDBlock? {
        guard selector.units == selector.channels,
            let sort = choices(of: selector.scores).lazy.flatMap({ graph.consumers(of: $0) })
                .first(where: isAscendingSort),
            let indices = sort.output(0),
            let k = channels(of: indices)
        else { return nil }
        let derived = values(derivedFrom: indices)
        func gather(from source: ValueID) -> ValueID? {
            gathers[source]?.last { $0.input(1).map(derived.contains) ?? false }?.output(0)
        }
        guard let gathered = gather(from: selector.input),
            let gate = gather(from: selector.scores).map(inShape),
            let multiplication = graph.consumers(of: gate).first(where: { $0.isOperator("Mul") }),
            let product = multiplication.output(0),
            let result = multiplication.inputs.compactMap({ $0 }).first(where: { $0 != gate }),
            let output = fusion(of: product, with: selector.input, channels: selector.channels, k),
            let layers = layers(from: result, to: [gathered])
        else { return nil }
        let body = channelBody(layers, channels: selector.channels, processed: k)
        return MoDBlock(
            scope: selector.scope, form: .routedPaper(RoutedPaper(body, selectorHidden: selector.hidden)),
            values: values(
                input: selector.input, output: output, gathered: gathered, body: product,
                choices: [
                    ChoiceValues(
                        scores: graph[selector.scores].name, indices: graph[indices].name,
                        gates: graph[gate].name)
                ]))
    }

    /// The indices of the highest scores: of a TopK, or of one whose keys break its ties (`NodeBuilder.breakTies`).
    func choices(of scores: ValueID) -> [ValueID] {
        let highest = graph.consumers(of: scores).filter { $0.isOperator("TopK") && $0.input(0) == scores }
        let least = highest.compactMap { $0.output(0) }.flatMap { graph.consumers(of: $0) }
            .filter { $0.isOperator("ReduceMin") }.compactMap { $0.output(0) }
        let keys = least.flatMap { graph.consumers(of: $0) }
            .filter { $0.isOperator("Greater") || $0.isOperator("Less") }.compactMap { $0.output(0) }
            .flatMap { graph.consumers(of: $0) }.filter { $0.isOperator("Where") }.compactMap { $0.output(0) }
        let tieless = keys.flatMap { graph.consumers(of: $0) }.filter { $0.isOperator("TopK") }
        return (tieless + highest).compactMap { $0.output(1) }
    }

    private func isAscendingSort(_ node: Node) -> Bool {
        guard node.isOperator("TopK") else { return false }
        return (try? OperatorContext(graph: graph, node: node).int("largest", default: 1)) == 0
    }

    /// The values derived from indices before a gather reads them.
    private func values(derivedFrom indices: ValueID) -> Set<ValueID> {
        var found: Set<ValueID> = [indices]
        var open = [indices]
        while let value = open.popLast(), found.count < BlockRecogniser.maximumLength {
            for node in graph.consumers(of: value)
            where MoDRecogniser.indexArithmetic.contains(node.operatorType) {
                if let output = node.output(0), found.insert(output).inserted { open.append(output) }
            }
        }
        return found
    }

    private static let indexArithmetic: Set<String> = [
        "Add", "Cast", "Concat", "Expand", "Identity", "Mul", "Reshape", "Squeeze", "Tile", "Unsqueeze",
    ]

    /// The value before any nodes that only change its form.
    func origin(_ value: ValueID?, past operators: Set<String> = ["Reshape"]) -> ValueID? {
        var value = value
        for _ in 0..<BlockRecogniser.maximumLength {
            guard let node = producer(value), operators.contains(node.operatorType), node.domain.isEmpty
            else { break }
            value = node.input(0)
        }
        return value
    }

    /// The value after a reshape to [N, k, 1, 1], if there is one.
    private func inShape(_ value: ValueID) -> ValueID {
        guard graph[value].shape?.rank != 4, let reshape = graph.soleConsumer(of: value),
            reshape.isOperator("Reshape"), let output = reshape.output(0)
        else { return value }
        return output
    }

    // MARK: Names

    /// The part before `/mod/` in the names of nodes or of their weights; empty if no name has it.
    func scope(of nodes: [Node]) -> String {
        let names = nodes.flatMap { node in
            [node.name] + node.inputs.dropFirst().compactMap { $0.map { graph[$0].name } }
        }
        for name in names {
            let parts = name.split(separator: "/")
            if let place = parts.firstIndex(of: "mod"), place > 0 {
                return "/" + parts[..<place].joined(separator: "/")
            }
        }
        return ""
    }

    /// Blocks without a scope of their own are named after their outputs.
    private func namingApart(_ blocks: [MoDBlock]) -> [MoDBlock] {
        let counts = blocks.reduce(into: [String: Int]()) { $0[$1.scope, default: 0] += 1 }
        return blocks.map { block in
            var block = block
            if block.scope.isEmpty || counts[block.scope, default: 0] > 1 {
                block.scope = block.values.output
            }
            return block
        }
    }
}
