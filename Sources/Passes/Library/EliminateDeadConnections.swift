import GraphIR
import Operators

/// Leaves out optional outputs that nothing reads and optional inputs that have no effect.
///
///     before: x -> MaxPool -> y, indices            x, W, bias of zeros -> Conv -> y
///     after:  x -> MaxPool -> y                     x, W -> Conv -> y
///
/// Conditions, for an output:
/// 1. The operator may leave it out: the indices of MaxPool, the mask of Dropout, mean and deviation of
///    LayerNormalization. Nothing reads it.
///
/// Conditions, for a constant input:
/// 2. Conv, ConvTranspose and, from opset 11 on, Gemm: the bias is 0 throughout.
/// 3. Clip, from opset 11 on: the lower bound is minus infinity, the upper one infinity.
/// 4. Pad, from opset 11 on: the value is 0, which is the default.
/// 5. Slice, from opset 10 on: all steps are 1.
public struct EliminateDeadConnections: LocalPass {
    public let name = "eliminate-dead-connections"
    public let summary = "Outputs that nothing reads and inputs that change nothing are left out."

    /// The pass; it has no settings.
    public init() {}

    /// The position from which an operator's outputs are optional.
    private static let optionalOutputs = ["Dropout": 1, "LayerNormalization": 1, "MaxPool": 1]

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard node.domain.isEmpty else { return }
        if let first = Self.optionalOutputs[node.operatorType] {
            for (position, output) in node.outputs.enumerated().dropFirst(first) {
                guard let output, edit.graph[output].useCount == 0 else { continue }
                try edit.leaveOutOutput(node.id, position)
            }
        }
        for (position, isNeutral) in neutralInputs(of: node, opset: edit.graph.opsets.onnx) {
            guard let constant = edit.graph.constant(node.input(position)), constant.elementCount > 0,
                let values = constant.doubles ?? constant.integers?.map(Double.init),
                values.allSatisfy(isNeutral)
            else { continue }
            edit.setInput(node.id, position, nil)
        }
    }

    /// The optional inputs that have no effect if all their elements pass the test.
    private func neutralInputs(of node: Node, opset: Int) -> [(Int, (Double) -> Bool)] {
        switch node.operatorType {
        case "Conv", "ConvTranspose": [(2, { $0 == 0 })]
        case "Gemm" where opset >= 11: [(2, { $0 == 0 })]
        case "Clip" where opset >= 11: [(1, { $0 == -.infinity }), (2, { $0 == .infinity })]
        case "Pad" where opset >= 11: [(2, { $0 == 0 })]
        case "Slice" where opset >= 10: [(4, { $0 == 1 })]
        default: []
        }
    }
}
