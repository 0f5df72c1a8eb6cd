import GraphIR
import Operators

extension BlockEmitter {
    /// Emits the shrunk body on X^ [N, k, H, W]: the old body's nodes in order, with their attributes, on
    /// fewer channels.
    mutating func emitBody(_ gathered: ValueID, _ weights: BodyWeights) throws -> ValueID {
        var value = gathered
        var layer = 0
        for (position, id) in block.body.enumerated() {
            let old = edit.graph[id]
            var inputs: [ValueID?] = [value]
            for (index, parameter) in weights.parameters[position].enumerated() {
                inputs.append(try parameter.map { try constant(parameterPath(old, layer, index), $0) })
            }
            var attributes = old.attributes
            if old.isOperator("Conv") {
                if shape.groups[layer] != 1 || attributes["group"] != nil {
                    attributes["group"] = .int(Int64(shape.groups[layer]))
                }
                layer += 1
            }
            value = try add(old.operatorType, inputs, "body/\(layer)", attributes)
        }
        return value
    }

    /// `body/conv1/weight`, `body/bn1/scale`, ...
    private func parameterPath(_ node: Node, _ layer: Int, _ index: Int) -> String {
        switch node.operatorType {
        case "Conv": "body/conv\(layer + 1)/\(["weight", "bias"][min(index, 1)])"
        case "BatchNormalization": "body/bn\(layer)/\(["scale", "bias", "mean", "var"][min(index, 3)])"
        default: "body/\(node.operatorType.lowercased())\(layer)/\(index)"
        }
    }
}
