import GraphIR

/// Raises the opset that a graph imports, where every node keeps its meaning.
public enum OpsetUpgrade {
    /// The graph at the default-domain opset `version`, or the label of the first node that stands in the way.
    ///
    /// A node stands in the way if its operator is not known or was redefined in between, other than by
    /// accepting more (element types, negative axes, further optional attributes). Attributes that only
    /// stated the later default (`spatial = 1`, `consumed_inputs`) are dropped.
    public static func raise(_ graph: Graph, to version: Int) throws -> Result<Graph, Obstacle> {
        guard graph.opsets.onnx < version else { return .success(graph) }
        var edit = GraphEdit(graph)
        for node in graph.nodes where node.domain.isEmpty {
            guard let rule = OperatorRegistry.find(node), node.captures.isEmpty else {
                return .failure(Obstacle(node: graph.label(of: node)))
            }
            for name in ["spatial", "consumed_inputs"] where node.attributes[name] != nil {
                if name == "spatial", node.attributes[name] != .int(1) {
                    return .failure(Obstacle(node: graph.label(of: node)))
                }
                edit.setAttribute(node.id, name, nil)
            }
            let crossed = rule.versions.filter { $0 > graph.opsets.onnx && $0 <= version }
            guard crossed.allSatisfy({ widening[rule.name]?.contains($0) == true }) else {
                return .failure(Obstacle(node: graph.label(of: node)))
            }
        }
        edit.setOpset("", version)
        return .success(try edit.commit())
    }

    /// The node that keeps a graph from being raised.
    public struct Obstacle: Error, Equatable {
        public let node: String
    }

    /// The versions of an operator that only accept more than the one before: a node that was valid means
    /// the same under them.
    private static let widening: [String: Set<Int>] = [
        "Add": [13, 14], "Sub": [13, 14], "Mul": [13, 14], "Div": [13, 14], "Sum": [8, 13],
        "ArgMax": [11, 12, 13], "AveragePool": [7, 10, 11, 19, 22], "BatchNormalization": [9],
        "Cast": [9, 13], "Concat": [11, 13], "Constant": [9, 11, 12, 13], "ConstantOfShape": [9],
        "Conv": [11, 22], "ConvTranspose": [11, 22], "Exp": [13], "Expand": [13], "Flatten": [9, 11, 13],
        "Gather": [11, 13], "GatherElements": [13], "Gemm": [9, 11, 13], "GlobalAveragePool": [22],
        "GlobalMaxPool": [22], "Identity": [13, 14], "LeakyRelu": [16], "LogSoftmax": [11],
        "MatMul": [9, 13], "MaxPool": [8, 10, 11, 12, 22], "PRelu": [7, 9, 16], "Pow": [12, 13],
        "ReduceMean": [11, 13], "Relu": [13, 14], "Reshape": [13, 14], "Shape": [13, 15],
        "Sigmoid": [13], "Softmax": [11], "Split": [11], "Sqrt": [13], "Squeeze": [11], "Tanh": [13],
        "Transpose": [13], "Unsqueeze": [11], "Where": [16],
        "Max": [8, 12, 13], "Min": [8, 12, 13], "Log": [13], "Neg": [13], "Abs": [13],
        "Reciprocal": [13], "Erf": [13], "HardSigmoid": [22], "Elu": [22], "Selu": [22], "Softplus": [22],
    ]
}
