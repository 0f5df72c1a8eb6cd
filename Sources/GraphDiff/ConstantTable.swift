import GraphIR
import Operators

/// The values of a graph whose contents are in the file: initialisers, defaults of inputs, and the outputs of
/// Constant nodes. Two files that differ only in the kind they use hold the same constants.
struct ConstantTable {
    private let tensors: [ValueID: Tensor]
    /// All other nodes, in topological order.
    let computingNodes: [Node]

    init(_ graph: Graph) {
        var tensors: [ValueID: Tensor] = [:]
        for value in graph.values {
            if let tensor = value.initializer { tensors[value.id] = tensor }
        }
        var nodes: [Node] = []
        for node in graph.nodes {
            if node.isOperator("Constant"), let output = node.output(0),
                let tensor = try? Constant.contents(OperatorContext(graph: graph, node: node))
            {
                tensors[output] = tensor
            } else {
                nodes.append(node)
            }
        }
        self.tensors = tensors
        computingNodes = nodes
    }

    subscript(value: ValueID) -> Tensor? { tensors[value] }
}
