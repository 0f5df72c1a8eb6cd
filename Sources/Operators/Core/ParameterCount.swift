import GraphIR

/// Counts the trainable values of a graph's nodes, each once, however often it is used.
///
/// A weight is followed through nodes that only move or convert its elements (Transpose, Reshape, Cast, a
/// dequantisation, ...) to the initialiser that holds it, and from a subgraph into the graphs around it. The
/// weights of a subgraph's nodes belong to the node that has the subgraph.
struct ParameterCount {
    /// A graph, and the graphs around it.
    private final class Scope {
        let graph: Graph
        let parent: Scope?
        /// Distinguishes the graphs, since their values share identities.
        let number: Int

        init(_ graph: Graph, parent: Scope?, number: Int) {
            self.graph = graph
            self.parent = parent
            self.number = number
        }
    }

    /// One constant of one of the graphs.
    private struct Parameter: Hashable {
        let scope: Int
        let value: ValueID
    }

    /// A constant that a node uses.
    private struct Source {
        let parameter: Parameter
        let tensor: Tensor
        var isQuantized = false
    }

    private let root: Scope
    private var scopes = 1
    private var counted: Set<Parameter> = []

    init(_ graph: Graph) { root = Scope(graph, parent: nil, number: 0) }

    /// The trainable values that a node of the graph is the first to use.
    mutating func parameters(of node: Node) -> Int { parameters(of: node, in: root) }

    private mutating func parameters(of node: Node, in scope: Scope) -> Int {
        var total = 0
        if let rule = OperatorRegistry.find(node) {
            for (position, input) in node.inputs.enumerated() {
                guard let input, let source = ParameterCount.source(of: input, in: scope),
                    source.tensor.elementType.isFloatingPoint || source.isQuantized
                        || rule is any QuantizedOperator,
                    rule.isTrainable(source.tensor, at: position), counted.insert(source.parameter).inserted
                else { continue }
                total = total.addingClamped(source.tensor.elementCount)
            }
        }
        for graph in node.subgraphs {
            let inner = Scope(graph, parent: scope, number: scopes)
            scopes += 1
            for node in graph.nodes { total = total.addingClamped(parameters(of: node, in: inner)) }
        }
        return total
    }

    /// The constant behind a value, in any shape and element type; nil if there is none.
    private static func source(of id: ValueID, in scope: Scope) -> Source? {
        var (id, scope, isQuantized) = (id, scope, false)
        while true {
            let value = scope.graph[id]
            if let tensor = value.initializer {
                return Source(
                    parameter: Parameter(scope: scope.number, value: id), tensor: tensor,
                    isQuantized: isQuantized)
            }
            if let producer = scope.graph.producer(of: id) {
                if case .tensor(let tensor)? = producer.attributes["value"], producer.isOperator("Constant") {
                    return Source(
                        parameter: Parameter(scope: scope.number, value: id), tensor: tensor,
                        isQuantized: isQuantized)
                }
                guard producer.domain.isEmpty, movements.contains(producer.operatorType),
                    let input = producer.input(0)
                else { return nil }
                isQuantized = isQuantized || producer.operatorType == "DequantizeLinear"
                id = input
            } else {
                guard value.definition == .capture, let parent = scope.parent,
                    let outer = parent.graph.value(named: value.name)
                else { return nil }
                (id, scope) = (outer.id, parent)
            }
        }
    }

    /// Operators whose first output holds the elements of their first input.
    private static let movements: Set<String> = [
        "Cast", "DequantizeLinear", "Flatten", "Identity", "QuantizeLinear", "Reshape", "Squeeze",
        "Transpose",
        "Unsqueeze",
    ]
}

extension Node {
    /// The graphs among the attributes.
    var subgraphs: [Graph] {
        attributes.entries.flatMap { _, value -> [Graph] in
            switch value {
            case .graph(let graph): [graph]
            case .graphs(let graphs): graphs
            default: []
            }
        }
    }
}
