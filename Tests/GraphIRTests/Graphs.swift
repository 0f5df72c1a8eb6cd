import GraphIR
import Testing

/// Float tensors of 1x4, the type of most values in these tests.
let row = ValueType.tensor(TensorType(.float32, [1, 4]))

/// x -> Relu -> a -> Exp -> y, y being the graph's output.
struct Chain {
    var edit: GraphEdit
    let x, a, y: ValueID
    let relu, exp: NodeID

    init() throws {
        edit = GraphEdit(Graph(name: "chain", opsets: OpsetImports(onnx: 17)))
        x = try edit.addInput("x", type: row)
        a = try edit.add("Relu", [x], output: "a")
        y = try edit.add("Exp", [a], output: "y")
        edit.addOutput(y)
        relu = try #require(edit.graph.producer(of: a)?.id)
        exp = try #require(edit.graph.producer(of: y)?.id)
    }
}

extension Graph {
    /// The nodes in order, each as `Operator(inputs) -> outputs`.
    var lines: [String] {
        nodes.map { node in
            func names(_ ids: [ValueID?]) -> String {
                ids.map { $0.map { self[$0].name } ?? "-" }.joined(separator: ", ")
            }
            return "\(node.operatorType)(\(names(node.inputs))) -> \(names(node.outputs))"
        }
    }

    /// The names of the graph's inputs and outputs.
    var signature: [[String]] { [inputs.map { self[$0].name }, outputs.map { self[$0].name }] }
}
