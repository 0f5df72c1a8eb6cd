import GraphIR
import Operators

/// Puts a pair of QuantizeLinear and DequantizeLinear behind every value that becomes bytes.
///
///     before: producer -> y -> readers
///     after:  producer -> y/float -> QuantizeLinear -> y/quantized -> DequantizeLinear -> y -> readers
///
/// The names of the graph's inputs and outputs stay. An input's readers read the second node's result instead. Values
/// of one group read the same two constants.
struct ActivationPairs {
    /// Of each group, by the value that leads it.
    let scales: [ValueID: ActivationScale]

    /// The graph with pairs; nodes keep their identities.
    func inserted(
        into graph: Graph, at values: [(value: ValueID, group: ValueID)]
    ) throws -> Graph {
        var edit = GraphEdit(graph)
        var constants: [ValueID: [ValueID]] = [:]
        for (value, group) in values {
            guard let scale = scales[group] else { continue }
            let name = graph[value].name
            let parameters: [ValueID]
            if let known = constants[group] {
                parameters = known
            } else {
                let base = graph[group].name
                parameters = [
                    try edit.addInitializer(edit.uniqueName("\(base)/scale"), scale.scaleTensor),
                    try edit.addInitializer(edit.uniqueName("\(base)/zero_point"), scale.zeroPointTensor),
                ]
                constants[group] = parameters
            }
            let (quantizer, dequantizer) = ("\(name)/QuantizeLinear", "\(name)/DequantizeLinear")
            guard graph[value].definition == .input else {
                try edit.interpose(
                    "QuantizeLinear", after: value, innerName: edit.uniqueName("\(name)/float"),
                    name: quantizer,
                    parameters: parameters)
                try edit.interpose(
                    "DequantizeLinear", after: value, innerName: edit.uniqueName("\(name)/quantized"),
                    name: dequantizer, parameters: parameters)
                continue
            }
            let uses = Array(graph[value].uses)
            let bytes = try edit.add(
                "QuantizeLinear", [value] + parameters, output: edit.uniqueName("\(name)/quantized"),
                name: quantizer)
            let result = try edit.add(
                "DequantizeLinear", [bytes] + parameters, output: edit.uniqueName("\(name)/dequantized"),
                name: dequantizer)
            for use in uses {
                if let position = use.position { edit.setInput(use.node, position, result) }
            }
        }
        return try ShapeInference.infer(try edit.commit())
    }
}
