import GraphIR
import Operators

extension Graph {
    /// Whether the value is known to hold no number below 0: an operator without negative results computes
    /// it, possibly followed by operators that only move or select elements.
    func isNonNegative(_ value: ValueID) -> Bool {
        var current = value
        for _ in 0..<Graph.nonNegativeSearchLimit {
            guard let node = producer(of: current), node.domain.isEmpty, node.output(0) == current else {
                return false
            }
            switch node.operatorType {
            case "Relu", "Sigmoid", "HardSigmoid", "Softmax", "Exp", "Abs", "Sqrt", "Softplus": return true
            case "Clip": return hasLowerBound(node)
            case "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Identity", "Transpose",
                "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Gather":
                guard let input = node.input(0) else { return false }
                current = input
            default: return false
            }
        }
        return false
    }

    /// Longer chains are not followed.
    private static let nonNegativeSearchLimit = 16

    /// Whether a Clip has a lower bound of 0 or more: an attribute before opset 11, an input from then on.
    private func hasLowerBound(_ node: Node) -> Bool {
        if opsets.onnx < 11 {
            guard case .float(let bound) = node.attributes["min"] else { return false }
            return bound >= 0
        }
        return constant(node.input(1))?.doubles?.first.map { $0 >= 0 } ?? false
    }
}
