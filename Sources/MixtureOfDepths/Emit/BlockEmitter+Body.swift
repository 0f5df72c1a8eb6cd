import GraphIR
import Operators

extension BlockEmitter {
    /// Emits the shrunk body on X^ [N, k, H, W]: the old body's nodes in order, with their attributes, on
    /// fewer channels.
    mutating func emitBody(_ gathered: ValueID, _ weights: BodyWeights) throws -> ValueID {
        // What stands for each value of the old body.
        var values = [input: gathered]
        var result = gathered
        var layer = 0
        var names: Set<String> = []
        for (position, id) in block.body.enumerated() {
            let old = edit.graph[id]
            var inputs: [ValueID?] = []
            for (index, input) in old.inputs.enumerated() {
                guard let parameter = weights.parameters[position][index] else {
                    inputs.append(input.flatMap { values[$0] })
                    continue
                }
                inputs.append(try constant(parameterPath(old, layer, index), parameter))
            }
            var attributes = old.attributes
            if old.isOperator("Conv") {
                if shape.groups[layer] != 1 || attributes["group"] != nil {
                    attributes["group"] = .int(Int64(shape.groups[layer]))
                }
                layer += 1
            }
            // An activation of several nodes may apply an operator twice.
            var path = "body/\(layer)"
            var repetition = 1
            while !names.insert("\(path)/\(old.operatorType)").inserted {
                repetition += 1
                path = "body/\(layer).\(repetition)"
            }
            result = try add(old.operatorType, inputs, path, attributes)
            if let output = old.output(0) { values[output] = result }
        }
        return result
    }

    /// `body/conv1/weight`, `body/bn1/scale`, ...; `index` is the input's position.
    private func parameterPath(_ node: Node, _ layer: Int, _ index: Int) -> String {
        func name(_ names: [String]) -> String { names[min(max(index - 1, 0), names.count - 1)] }
        return switch node.operatorType {
        case "Conv": "body/conv\(layer + 1)/\(name(["weight", "bias"]))"
        case "BatchNormalization": "body/bn\(layer)/\(name(["scale", "bias", "mean", "var"]))"
        case "LayerNormalization": "body/norm\(layer)/\(name(["scale", "bias"]))"
        default: "body/\(node.operatorType.lowercased())\(layer)/\(index)"
        }
    }
}
