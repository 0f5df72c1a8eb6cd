import GraphIR

/// Raises the opset that a graph imports, if every node keeps its meaning.
public enum OpsetUpgrade {
    /// The graph at the default-domain opset `version`, or the first node that prevents it.
    ///
    /// Versions of an operator that only accept more than the one before (element types, negative axes,
    /// further optional attributes) leave a node as it is. Parameters that became inputs are moved
    /// (`OpsetMove`). A node prevents the upgrade if its operator is unknown, or was redefined in another
    /// way. Attributes that only stated the later default (`spatial = 1`, `consumed_inputs`) are dropped.
    /// Graphs within nodes are raised too.
    public static func raise(_ graph: Graph, to version: Int) throws -> Result<Graph, Obstacle> {
        guard graph.opsets.onnx < version else { return .success(graph) }
        let current = graph.opsets.onnx
        var edit = GraphEdit(graph)
        for node in graph.nodes where node.domain.isEmpty {
            let obstacle = Result<Graph, Obstacle>.failure(Obstacle(node: graph.label(of: node)))
            guard let rule = OperatorRegistry.find(node) else { return obstacle }
            for name in ["spatial", "consumed_inputs"] where node.attributes[name] != nil {
                if name == "spatial", node.attributes[name] != .int(1) { return obstacle }
                edit.setAttribute(node.id, name, nil)
            }
            for (name, attribute) in node.attributes.entries {
                guard case .graph(let inner) = attribute else { continue }
                switch try raise(inner, to: version) {
                case .success(let raised): edit.setAttribute(node.id, name, .graph(raised))
                case .failure(let obstacle): return .failure(obstacle)
                }
            }
            for crossed in OpsetUpgrade.versions(of: rule) where crossed > current && crossed <= version {
                if widening[rule.name]?.contains(crossed) == true { continue }
                guard let move = OpsetMove.find(rule.name, crossed), try move.apply(node.id, &edit) else {
                    return obstacle
                }
            }
        }
        edit.setOpset("", version)
        return .success(try edit.commit())
    }

    /// The node that keeps a graph from being raised.
    public struct Obstacle: Error, Equatable {
        /// The node as diagnostics name it.
        public let node: String
    }

    /// The effect of an operator's version on nodes that were valid before.
    enum Change: Equatable {
        case none, move, redefined
    }

    static func change(_ name: String, at version: Int) -> Change {
        if widening[name]?.contains(version) == true { return .none }
        return OpsetMove.find(name, version) == nil ? .redefined : .move
    }

    /// The versions of an operator, including 10, which ends Upsample, and 11, which ends Scatter.
    static func versions(of rule: any Operator) -> [Int] {
        switch rule.name {
        case "Upsample": rule.versions + [10]
        case "Scatter": rule.versions + [11]
        default: rule.versions
        }
    }

    /// The versions of an operator that only accept more than the one before: valid nodes keep their meaning.
    private static let widening: [String: Set<Int>] = [
        "Abs": [13], "Acos": [22], "Acosh": [22], "Add": [13, 14], "ArgMax": [11, 12, 13],
        "ArgMin": [11, 12, 13], "Asin": [22], "Asinh": [22], "Atan": [22], "Atanh": [22],
        "AveragePool": [7, 10, 11, 19, 22], "BatchNormalization": [9], "BitShift": [28],
        "Cast": [9, 13], "CastLike": [19, 21, 23, 24, 25], "Ceil": [13], "Celu": [28],
        "Clip": [12, 13], "Compress": [11], "Concat": [11, 13], "Constant": [9, 11, 12, 13],
        "ConstantOfShape": [9], "Conv": [11, 22], "ConvTranspose": [11, 22], "Cos": [22], "Cosh": [22],
        "CumSum": [14], "DepthToSpace": [11, 13], "DequantizeLinear": [13], "Div": [13, 14],
        "Dropout": [13], "Einsum": [28], "Elu": [22], "Equal": [11, 13], "Erf": [13], "Exp": [13],
        "Expand": [13], "EyeLike": [22], "Flatten": [9, 11, 13], "Floor": [13], "GRU": [14, 22],
        "Gather": [11, 13], "GatherElements": [13], "GatherND": [12, 13], "Gemm": [9, 11, 13],
        "GlobalAveragePool": [22], "GlobalMaxPool": [22], "Greater": [9, 13], "GreaterOrEqual": [16],
        "GridSample": [22], "HardSigmoid": [22], "Hardmax": [11], "Identity": [13, 14, 16],
        "If": [11, 13, 16], "InstanceNormalization": [22], "IsInf": [20], "IsNaN": [13, 20],
        "LRN": [13], "LSTM": [14, 22], "LeakyRelu": [16], "Less": [9, 13], "LessOrEqual": [16],
        "Log": [13], "LogSoftmax": [11], "LpPool": [11, 18, 22], "MatMul": [9, 13], "Max": [8, 12, 13],
        "MaxPool": [8, 10, 11, 12, 22], "Mean": [8, 13], "Min": [8, 12, 13], "Mish": [22],
        "Mod": [13, 28], "Mul": [13, 14], "Neg": [13], "NonMaxSuppression": [11], "NonZero": [13],
        "PRelu": [9, 16], "Pad": [13, 18], "Pow": [12, 13, 15], "QLinearMatMul": [21],
        "QuantizeLinear": [13], "RNN": [14, 22], "Reciprocal": [13], "ReduceL1": [11, 13],
        "ReduceL2": [11, 13], "ReduceLogSum": [11, 13], "ReduceLogSumExp": [11, 13],
        "ReduceMax": [11, 12, 13], "ReduceMean": [11, 13], "ReduceMin": [11, 12, 13],
        "ReduceProd": [11, 13], "ReduceSum": [11], "ReduceSumSquare": [11, 13], "Relu": [13, 14],
        "Reshape": [13, 14], "Resize": [13], "RoiAlign": [22], "Round": [22], "ScatterElements": [13],
        "ScatterND": [13], "Selu": [22], "Shape": [13, 15], "Sigmoid": [13], "Sign": [13], "Sin": [22],
        "Sinh": [22], "Size": [13], "Slice": [11, 13], "Softmax": [11], "Softplus": [22],
        "Softsign": [22], "SpaceToDepth": [13, 28], "Split": [11], "Sqrt": [13], "Squeeze": [11],
        "Sub": [13, 14], "Sum": [8, 13], "Tan": [22], "Tanh": [13], "ThresholdedRelu": [22],
        "Tile": [13], "TopK": [11], "Transpose": [13], "Unsqueeze": [11], "Where": [16],
    ]
}
