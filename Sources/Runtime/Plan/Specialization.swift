import GraphIR
import Operators

/// A graph specialised to the types of its inputs: the types of all values, the contents of those that depend
/// only on constants and extents, and the nodes that remain to run.
struct Specialization {
    let graph: Graph
    private(set) var types: [ValueID: TensorType]
    private(set) var constants: [ValueID: Tensor] = [:]
    /// The nodes that the results need and whose outputs are not constant, in topological order.
    private(set) var nodes: [Node] = []
    /// Constant weights that are dequantised, and nothing else yet: steps on bytes read the weights themselves.
    private var postponed: Set<NodeID> = []
    private let results: [ValueID]
    private let budget: EvaluationBudget
    private var constantBytesLeft: Int

    /// - Parameters:
    ///   - inputs: the types of the graph inputs that are given; the others take their defaults.
    ///   - results: the values that a run returns.
    ///   - limits: the limits of evaluating the constant nodes and of running the others.
    /// - Throws: `OperatorError`, or `RuntimeError`, `.unsupportedOperator` or `.limit`. O(nodes + edges),
    ///   plus the time of evaluating the constant nodes.
    init(
        _ graph: Graph, inputs: [ValueID: TensorType], results: [ValueID], limits: RunLimits
    ) throws {
        self.graph = graph
        self.results = results
        types = inputs
        budget = EvaluationBudget(operations: limits.operations)
        constantBytesLeft = limits.memory
        for value in graph.initializers where inputs[value.id] == nil {
            guard let tensor = value.initializer else { continue }
            constants[value.id] = tensor
            types[value.id] = tensor.type
        }
        for node in try Specialization.needed(graph, results) { try specialize(node, postpones: true) }
        nodes = try Specialization.needed(graph, results, given: constants)
        let running = EvaluationBudget(operations: limits.operations)
        for node in nodes {
            guard let rule = OperatorRegistry.find(node) else { continue }
            try running.spend(rule.operations(context(node)), place: graph.label(of: node))
        }
    }

    /// The nodes that the results depend on, other than through given values, in topological order.
    ///
    /// - Throws: `RuntimeError.unsupportedOperator` if one of them cannot be run.
    static func needed(
        _ graph: Graph, _ results: [ValueID], given: [ValueID: Tensor] = [:]
    ) throws(RuntimeError) -> [Node] {
        var values = Set(results.filter { given[$0] == nil })
        var nodes: [Node] = []
        for node in graph.nodes.reversed()
        where node.outputs.contains(where: { $0.map(values.contains) ?? false }) {
            nodes.append(node)
            for case let input? in node.inputs + node.captures where given[input] == nil {
                values.insert(input)
            }
        }
        for node in nodes.reversed() where OperatorRegistry.find(node) == nil {
            throw .unsupportedOperator(node: graph.label(of: node), UnknownOperator(node))
        }
        return nodes.reversed()
    }

    /// Evaluates the postponed nodes apart from those that steps on bytes replace, and what becomes constant thereby.
    mutating func settle(except replaced: Set<NodeID>) throws {
        guard !postponed.isSubset(of: replaced) else { return }
        for node in nodes where !replaced.contains(node.id) { try specialize(node, postpones: false) }
        nodes = try Specialization.needed(graph, results, given: constants)
    }

    /// The facts about a node, for its operator.
    func context(_ node: Node) -> OperatorContext {
        let constants = node.inputs.map { $0.flatMap { self.constants[$0] } }
        return OperatorContext(
            label: graph.label(of: node), attributes: node.attributes,
            opset: graph.opsets[node.domain] ?? 1, inputTypes: node.inputs.map { $0.flatMap { types[$0] } },
            isPresent: node.inputs.map { $0 != nil }, constants: constants,
            extents: constants.map(OperatorContext.extents(of:)), outputCount: node.outputs.count,
            outputTypes: node.outputs.map { $0.flatMap { types[$0] } })
    }

    private mutating func specialize(_ node: Node, postpones: Bool) throws {
        guard let rule = OperatorRegistry.find(node) else {
            throw RuntimeError.unsupportedOperator(node: graph.label(of: node), UnknownOperator(node))
        }
        var context = context(node)
        context.budget = budget
        for (output, type) in zip(node.outputs, try rule.inferTypes(context)) {
            if let output { types[output] = type }
        }
        // A node with several outputs has to run for the others, and then writes this one too.
        if let output = node.output(0), node.outputs.count == 1,
            let contents = try extents(rule, context, output)
        {
            constants[output] = contents
            return
        }
        let inputs = node.inputs.map { $0.flatMap { constants[$0] } }
        guard node.captures.isEmpty, zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }) else {
            return
        }
        if postpones, node.isQuantizationOperator("DequantizeLinear") {
            postponed.insert(node.id)
            return
        }
        for (output, tensor) in zip(node.outputs, try rule.evaluateWithinBudget(context, inputs)) {
            guard let output else { continue }
            guard tensor.bytes.count <= constantBytesLeft else {
                throw RuntimeError.limit("its constants take too much memory", flag: "--max-memory")
            }
            constantBytesLeft -= tensor.bytes.count
            constants[output] = tensor
            types[output] = tensor.type
        }
    }

    /// The output as a constant, if it describes shapes that are now known.
    private func extents(
        _ rule: any Operator, _ context: OperatorContext, _ output: ValueID
    ) throws -> Tensor? {
        guard let type = types[output], type.elementType == .int64, let shape = type.shape?.extents,
            let dims = try rule.inferExtents(context), let contents = Shape(dims).extents
        else { return nil }
        return try Tensor(shape: shape, contents.map(Int64.init))
    }
}
