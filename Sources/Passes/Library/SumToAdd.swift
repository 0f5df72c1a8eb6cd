import GraphIR

/// Replaces the sum of two tensors by Add.
///
///     before: a, b -> Sum -> y
///     after:  a, b -> Add -> y
///
/// Conditions:
/// 1. Sum has exactly two inputs. (`RemoveIdentity` handles one input; more would need new values.)
/// 2. The opset is 7 or later, in which Add broadcasts as Sum does.
public struct SumToAdd: LocalPass {
    public let name = "sum-to-add"
    public let summary = "Sum of two tensors becomes Add."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) {
        guard node.isOperator("Sum"), node.inputs.count == 2, node.inputs.allSatisfy({ $0 != nil }),
            edit.graph.opsets.onnx >= 7
        else { return }
        edit.setOperator(node.id, "Add")
    }
}
