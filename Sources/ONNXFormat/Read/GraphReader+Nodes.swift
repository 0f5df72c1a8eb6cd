import CONNX
import GraphIR

extension GraphReader {
    /// Adds the nodes, each after those that it reads.
    ///
    /// - Throws: `GraphError` for names that are defined twice, undefined, or cyclic.
    func readNodes(_ nodes: [UnsafeMutablePointer<Onnx__NodeProto>]) throws {
        for index in try NodeOrder.sort(nodes) { try readNode(nodes[index].pointee) }
    }

    private func readNode(_ proto: Onnx__NodeProto) throws {
        let label = NodeOrder.label(of: proto)
        guard let type = proto.op_type, type.pointee != 0 else {
            throw ONNXFormatError(.invalidGraph, place: label, "has no operator type")
        }
        if let (key, function) = context.functions.function(of: proto) {
            return try inline(key, function, call: proto)
        }
        let inputs = try texts(proto.n_input, proto.input).map { try input($0, of: label) }
        let attributes = try AttributeReader(graph: self, node: label).read(
            list(proto.n_attribute, proto.attribute))
        let names = texts(proto.n_output, proto.output)
        let scope = calls.last.map { "\($0.prefix)/" } ?? ""
        let node = try edit.addNode(
            text(type), domain: text(proto.domain), name: scope + text(proto.name), inputs: inputs,
            outputs: try names.map { try definedName($0) }, attributes: attributes,
            captures: try captures(of: attributes), overload: text(proto.overload),
            docString: text(proto.doc_string),
            metadata: metadata(proto.n_metadata_props, proto.metadata_props),
            deviceConfigurations: list(proto.n_device_configurations, proto.device_configurations).map(packed)
        )
        for (name, output) in zip(names, edit.graph[node].outputs) {
            if let output { register(output, as: name) }
        }
    }

    /// This graph's values that the subgraphs in `attributes` capture, each once, in order of capture.
    private func captures(of attributes: Attributes) throws -> [ValueID] {
        var result: [ValueID] = []
        var seen: Set<ValueID> = []
        for (_, attribute) in attributes.entries {
            let subgraphs: [Graph] =
                switch attribute {
                case .graph(let subgraph): [subgraph]
                case .graphs(let subgraphs): subgraphs
                default: []
                }
            for subgraph in subgraphs {
                for capture in subgraph.captures {
                    let name = subgraph[capture].name
                    guard let id = try edit.graph.value(named: name)?.id ?? resolve(name) else { continue }
                    if seen.insert(id).inserted { result.append(id) }
                }
            }
        }
        return result
    }
}
