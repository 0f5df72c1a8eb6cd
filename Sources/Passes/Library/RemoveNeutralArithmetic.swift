import GraphIR

/// Removes arithmetic that changes no number.
///
///     before: x -> Mul(1) -> Add(0) -> y
///     after:  x
///
/// Conditions:
/// 1. The node adds or subtracts a constant whose elements are all 0, or multiplies by, divides by or raises
///    to the power of one whose elements are all 1; the opset is 7 or later. (0 - x, 1 / x and 1 ^ x do
///    change numbers.)
/// 2. The constant does not change x's shape: it has no more axes than x, and along each of them either one
///    element or exactly as many as x is known to have.
/// 3. y can be replaced by x (`GraphEdit.canReplaceUses`).
///
/// -0 + 0 is 0, which compares equal to -0.
public struct RemoveNeutralArithmetic: LocalPass {
    public let name = "remove-neutral-arithmetic"
    public let summary = "Adding 0, multiplying by 1 and the like are removed."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.domain.isEmpty, edit.graph.opsets.onnx >= 7, node.inputs.count == 2,
            let output = node.output(0), let input = unchangedInput(of: node, in: edit.graph),
            edit.canReplaceUses(of: output, with: input)
        else { return }
        try edit.replaceUses(of: output, with: input)
        try edit.removeNode(node.id)
    }

    private func unchangedInput(of node: Node, in graph: Graph) -> ValueID? {
        let neutral: Double
        let positions: [Int]
        switch node.operatorType {
        case "Add": (neutral, positions) = (0, [1, 0])
        case "Sub": (neutral, positions) = (0, [1])
        case "Mul": (neutral, positions) = (1, [1, 0])
        case "Div", "Pow": (neutral, positions) = (1, [1])
        default: return nil
        }
        for position in positions {
            guard let constant = graph.constant(node.input(position)), constant.elementCount > 0,
                let values = constant.doubles ?? constant.integers?.map(Double.init),
                values.allSatisfy({ $0 == neutral })
            else { continue }
            return node.input(1 - position).flatMap {
                constant.leavesShape(of: graph[$0].shape) ? $0 : nil
            }
        }
        return nil
    }
}

extension Tensor {
    /// Whether broadcasting a tensor of the other shape with this one gives the other shape. Extents of the
    /// other shape may be unknown.
    fileprivate func leavesShape(of other: Shape?) -> Bool {
        guard let other else { return rank == 0 }
        return rank <= other.rank
            && zip(shape.reversed(), other.dims.reversed()).allSatisfy { $0 == 1 || $1 == .fixed($0) }
    }
}
