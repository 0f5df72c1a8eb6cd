import GraphIR
import Operators

/// Replaces a Transpose that does not change the order of elements by the equivalent Reshape.
///
///     before: x [N, 128] -> Reshape(0, 1, 2, 64) -> a -> Transpose(0, 2, 1, 3) -> y [N, 2, 1, 64]
///     after:  x [N, 128] -> Reshape(0, 1, 2, 64) -> a -> Reshape(0, 2, 1, 64) -> y [N, 2, 1, 64]
///
/// `FuseReshapes` then merges the two.
///
/// Conditions:
/// 1. The permutation is known; the axes that are not known to have extent 1 keep their order.
/// 2. A Reshape, Flatten, Squeeze or Unsqueeze computes x, or is the only reader of y: the result then has
///    one node less.
/// 3. The shape of y can be written for x (`ReshapeTarget`), and the opset is 5 or later, in which Reshape
///    takes its shape as an input.
public struct TransposeToReshape: LocalPass {
    public let name = "transpose-to-reshape"
    public let summary = "A Transpose that moves only axes of extent 1 becomes a Reshape, beside another one."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let output = node.output(0), let target = target(of: node, in: edit.graph) else { return }
        edit.setOperator(node.id, "Reshape")
        edit.setAttribute(node.id, "perm", nil)
        let shape = try edit.addInitializer(
            edit.uniqueName("\(edit.graph[output].name)_shape"), Tensor(target.map(Int64.init)))
        edit.setInput(node.id, 1, shape)
    }

    /// The Reshape's second input; nil if a condition does not hold.
    private func target(of node: Node, in graph: Graph) -> [Int]? {
        guard graph.opsets.onnx >= 5, let permutation = ImageLayout.fullPermutation(of: node, in: graph),
            let input = node.input(0), let from = graph[input].shape, from.rank == permutation.count,
            permutation.allSatisfy(from.dims.indices.contains), let output = node.output(0),
            let to = graph[output].shape, to.rank == from.rank
        else { return nil }
        let moved = permutation.filter { from[$0] != 1 }
        guard moved == moved.sorted(),
            graph.producer(of: input)?.isReshaping == true
                || graph.soleConsumer(of: output)?.isReshaping == true
        else { return nil }
        return ReshapeTarget.shape(from: from, to: to)
    }
}
