import GraphIR
import Operators

/// Merges two consecutive nodes that only reshape into one Reshape.
///
///     before: x [N, 64, 1, 1] -> Squeeze(2, 3) -> a [N, 64] -> Reshape(-1, 8, 8) -> y
///     after:  x [N, 64, 1, 1] -> Reshape(-1, 8, 8) -> y
///
/// Conditions:
/// 1. Both nodes are one of Reshape, Flatten, Squeeze and Unsqueeze; the opset is 5 or later, in which
///    Reshape takes its shape as an input.
/// 2. The shape of y can be written for x (`ReshapeTarget`): all its extents but one are numbers, or the
///    extent that x has in the same place.
///
/// The first node stays for its other readers.
public struct FuseReshapes: LocalPass {
    public let name = "fuse-reshapes"
    public let summary = "Reshape, Flatten, Squeeze and Unsqueeze that follow each other become one Reshape."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard edit.graph.opsets.onnx >= 5, node.isReshaping, let inner = node.input(0),
            let first = edit.graph.producer(of: inner), first.isReshaping, let source = first.input(0),
            let output = node.output(0), let to = edit.graph[output].shape,
            let target = ReshapeTarget.shape(from: edit.graph[source].shape, to: to)
        else { return }
        edit.setOperator(node.id, "Reshape")
        for attribute in ["axis", "axes", "allowzero"] { edit.setAttribute(node.id, attribute, nil) }
        edit.setInput(node.id, 0, source)
        try edit.replaceConstant(
            node.id, 1, by: Tensor(target.map(Int64.init)), name: "\(edit.graph[output].name)_shape")
    }
}

extension Node {
    /// Whether the node only reshapes its first input.
    var isReshaping: Bool {
        domain.isEmpty && ["Reshape", "Flatten", "Squeeze", "Unsqueeze"].contains(operatorType)
    }
}
