import GraphIR
import Operators

/// The part of a node in an integer network.
enum Int8Role: Equatable {
    /// A convolution or fully connected layer: bytes times weights, summed in 32 bits.
    case layer
    /// Numbers in a scale of their own are computed from numbers in others.
    case arithmetic
    /// Bytes are moved, or the largest taken: operands at these positions and all results share one scale.
    case movement(operands: [Int])

    /// The role of a node's operator; nil if it computes in float.
    ///
    /// - Parameter isActivation: whether a value is a float activation.
    init?(_ node: Node, in graph: Graph, isActivation: (ValueID) -> Bool) {
        guard node.domain.isEmpty, node.captures.isEmpty else { return nil }
        switch node.operatorType {
        case "Conv", "Gemm":
            guard QuantizableLayer(node.id, in: graph) != nil else { return nil }
            self = .layer
        case "Add", "Mul":
            // A constant operand belongs to a normalisation.
            guard node.inputs.allSatisfy({ $0.map(isActivation) ?? false }) else { return nil }
            self = .arithmetic
        case "AveragePool", "GlobalAveragePool", "Sigmoid", "LeakyRelu":
            self = .arithmetic
        case "MaxPool":
            guard node.outputs.count == 1 else { return nil }
            self = .movement(operands: [0])
        case "Resize", "Upsample":
            let mode = try? OperatorContext(graph: graph, node: node).string("mode")
            guard mode ?? "nearest" == "nearest" else { return nil }
            self = .movement(operands: [0])
        case "Pad":
            // Zero is among the numbers of every scale.
            let filler = node.input(2).map { graph.constant($0)?.floats?.first } ?? 0
            guard filler == 0, node.attributes["value"] ?? .float(0) == .float(0) else { return nil }
            self = .movement(operands: [0])
        case "Concat": self = .movement(operands: Array(node.inputs.indices))
        case "Where": self = .movement(operands: [1, 2])
        case "Slice", "Gather", "GatherElements", "GatherND", "Split", "Reshape", "Flatten", "Transpose",
            "Squeeze",
            "Unsqueeze", "Identity", "DepthToSpace", "SpaceToDepth", "Expand", "Tile":
            self = .movement(operands: [0])
        default: return nil
        }
    }
}
