import GraphIR
import Operators

extension BlockEmitter {
    /// Emits the shrunk body on X^ [N, k, H, W]: the old body's nodes in order, with their attributes, on
    /// fewer channels.
    ///
    /// - Parameters:
    ///   - groups: the groups of each convolution.
    ///   - gates: for each hidden layer, the factors on its units before the next convolution reads them, [N,
    ///     units, 1, 1]; empty for none.
    mutating func emitBody(
        _ gathered: ValueID, _ weights: BodyWeights, groups: [Int], gates: [ValueID] = []
    ) throws -> ValueID {
        // The new value for each value of the old body.
        var values = [input: gathered]
        var result = gathered
        var layer = 0
        var names: Set<String> = []
        for (position, id) in block.body.enumerated() {
            let old = build.edit.graph[id]
            // An activation of several nodes may use an operator twice.
            var (repetition, suffix) = (1, "")
            while !names.insert("\(old.operatorType)\(layer)\(suffix)").inserted {
                repetition += 1
                suffix = ".\(repetition)"
            }
            var inputs: [ValueID?] = []
            for (index, input) in old.inputs.enumerated() {
                guard let parameter = weights.parameters[position][index] else {
                    inputs.append(input.flatMap { values[$0] })
                    continue
                }
                let path = parameterPath(old, layer, suffix, index)
                inputs.append(try build.weight("body/\(path)", parameter))
            }
            var attributes = old.attributes
            if old.isOperator("Conv") {
                if layer > 0, gates.indices.contains(layer - 1), let units = inputs[0] {
                    inputs[0] = try build.add("Mul", [units, gates[layer - 1]], "body/gate\(layer)")
                }
                if groups[layer] != 1 || attributes["group"] != nil {
                    attributes["group"] = .int(Int64(groups[layer]))
                }
                let kernel = weights.parameters[position].dropFirst().first??.shape.dropFirst(2)
                attributes.spellOutConvolution(kernel: kernel ?? [])
                layer += 1
            }
            result = try build.add(old.operatorType, inputs, "body/\(layer)\(suffix)", attributes)
            if let output = old.output(0) { values[output] = result }
        }
        return result
    }

    /// `conv1/weight`, `bn1/scale`, ...; `index` is the input's position.
    private func parameterPath(_ node: Node, _ layer: Int, _ suffix: String, _ index: Int) -> String {
        func name(_ names: [String]) -> String { names[min(max(index - 1, 0), names.count - 1)] }
        return switch node.operatorType {
        case "Conv": "conv\(layer + 1)/\(name(["weight", "bias"]))"
        case "BatchNormalization": "bn\(layer)\(suffix)/\(name(["scale", "bias", "mean", "var"]))"
        case "LayerNormalization": "norm\(layer)\(suffix)/\(name(["scale", "bias"]))"
        default: "\(node.operatorType.lowercased())\(layer)\(suffix)/\(index)"
        }
    }
}
