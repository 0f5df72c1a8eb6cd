import GraphIR

/// Runs graphs by the operators' plain definitions: the oracle for the runtime, and the evaluation for
/// constant folding.
public enum ReferenceEvaluator {
    /// Evaluates the nodes in topological order. A value is freed after its last reader.
    ///
    /// - Parameters:
    ///   - inputs: a tensor for each graph input that has no default, by name.
    ///   - taps: names of inner values to return as well.
    ///   - captures: in a subgraph, the enclosing graph's values that it reads, by name.
    ///   - budget: the cost limit of the evaluation.
    ///   - settle: given a node, its inputs and its results; what it returns takes the results' place.
    /// - Returns: the graph outputs in order, then the taps.
    /// - Throws: `EvaluationError` for inputs that do not fit; `OperatorError` with the node's name.
    public static func run(
        _ graph: Graph, inputs: [String: Tensor], taps: [String] = [], captures: [String: Tensor] = [:],
        budget: EvaluationBudget = EvaluationBudget(),
        settle: (Node, [Tensor?], [Tensor]) throws -> [Tensor] = { _, _, results in results }
    ) throws -> [(name: String, tensor: Tensor)] {
        var results = graph.outputs
        for tap in taps {
            guard let value = graph.value(named: tap) else { throw EvaluationError.unknownTap(tap) }
            results.append(value.id)
        }
        let kept = Set(results)
        var tensors = try bind(graph, inputs)
        for id in graph.captures { tensors[id] = captures[graph[id].name] }

        var readers: [ValueID: Int] = [:]
        for node in graph.nodes {
            for case let id? in node.inputs + node.captures { readers[id, default: 0] += 1 }
        }
        for node in graph.nodes {
            let operands = node.inputs.map { id in id.flatMap { tensors[$0] ?? graph.constant($0) } }
            let outputs = try settle(
                node, operands, try evaluate(node, operands, in: graph, tensors, budget))
            for (id, tensor) in zip(node.outputs, outputs) {
                if let id { tensors[id] = tensor }
            }
            for case let id? in node.inputs + node.captures {
                readers[id, default: 0] -= 1
                if readers[id] == 0, !kept.contains(id) { tensors[id] = nil }
            }
            for case let id? in node.outputs where readers[id] == nil && !kept.contains(id) {
                tensors[id] = nil
            }
        }
        return try results.map { id in
            guard let tensor = tensors[id] ?? graph.constant(id) else {
                throw EvaluationError.missingInput(graph[id].name)
            }
            return (graph[id].name, tensor)
        }
    }

    /// The tensors of the graph's inputs: those given, or else their defaults.
    ///
    /// - Throws: `EvaluationError` if a tensor is missing, has a type other than declared, or is not for an
    ///   input.
    public static func bind(_ graph: Graph, _ inputs: [String: Tensor]) throws(EvaluationError)
        -> [ValueID: Tensor]
    {
        var tensors: [ValueID: Tensor] = [:]
        for id in graph.inputs {
            let value = graph[id]
            guard let tensor = inputs[value.name] ?? value.initializer else {
                throw .missingInput(value.name)
            }
            if let declared = value.tensorType, declared.merged(with: tensor.type) == nil {
                throw .inputType(value.name, expected: declared, found: tensor.type)
            }
            tensors[id] = tensor
        }
        let known = Set(graph.inputs.map { graph[$0].name })
        for name in inputs.keys.sorted() where !known.contains(name) {
            throw .unknownInput(name, expected: graph.inputs.map { graph[$0].name })
        }
        return tensors
    }

    private static func evaluate(
        _ node: Node, _ inputs: [Tensor?], in graph: Graph, _ tensors: [ValueID: Tensor],
        _ budget: EvaluationBudget
    ) throws -> [Tensor] {
        let label = graph.label(of: node)
        guard let rule = OperatorRegistry.find(node) else {
            throw EvaluationError.unknownOperator(node: label, UnknownOperator(node))
        }
        var context = OperatorContext(graph: graph, node: node, inputs: inputs)
        for id in node.captures { context.captures[graph[id].name] = tensors[id] ?? graph.constant(id) }
        context.budget = budget
        do {
            let outputs = try rule.evaluateWithinBudget(context, inputs)
            guard node.outputs.dropFirst(outputs.count).allSatisfy({ $0 == nil }) else {
                throw EvaluationError.missingOutput(node: label)
            }
            return outputs
        } catch let error as TensorError {
            throw OperatorError(.contents, node: label, error.diagnostic.problem)
        }
    }
}
