import GraphIR

/// Turns a model into a `ModelProto` message: fields in ascending order, as protobuf writes them, so that
/// the same model always gives the same bytes.
struct ModelWriter {
    let tensors: TensorWriter

    func message(_ model: Model) -> WireMessage {
        var message = WireMessage()
        message.add(ModelField.irVersion, int: Int64(model.irVersion))
        message.add(ModelField.producerName, nonEmpty: model.producerName)
        message.add(ModelField.producerVersion, nonEmpty: model.producerVersion)
        message.add(ModelField.domain, nonEmpty: model.domain)
        if model.modelVersion != 0 { message.add(ModelField.modelVersion, int: Int64(model.modelVersion)) }
        message.add(ModelField.docString, nonEmpty: model.docString)
        message.add(ModelField.graph, message: self.message(model.graph))
        for (domain, version) in model.graph.opsets.entries {
            var opset = WireMessage()
            opset.add(OpsetField.domain, text: domain)
            opset.add(OpsetField.version, int: Int64(version))
            message.add(ModelField.opsetImport, message: opset)
        }
        for entry in model.metadata { message.add(ModelField.metadata, message: entry.message) }
        for region in model.trainingInfo { message.add(ModelField.trainingInfo, region: region) }
        for bytes in model.deviceConfigurations { message.add(ModelField.configuration, bytes: bytes) }
        return message
    }

    // MARK: Graphs

    private func message(_ graph: Graph) -> WireMessage {
        var message = WireMessage()
        for node in graph.nodes { message.add(GraphField.node, message: self.message(node, in: graph)) }
        // ONNX requires a name.
        message.add(GraphField.name, text: graph.name.isEmpty ? "graph" : graph.name)
        for value in graph.initializers {
            guard let tensor = value.initializer else { continue }
            // An input's notes are written with the input.
            let isInput = value.definition == .input
            message.add(
                GraphField.initializer,
                message: tensors.message(
                    tensor, name: value.name, docString: isInput ? "" : value.notes.docString,
                    metadata: isInput ? [] : value.notes.metadata))
        }
        message.add(GraphField.docString, nonEmpty: graph.docString)
        for input in graph.inputs { message.add(GraphField.input, message: graph[input].signatureMessage) }
        for output in graph.outputs {
            message.add(GraphField.output, message: graph[output].signatureMessage)
        }
        for value in graph.values where value.needsValueInfo {
            message.add(GraphField.valueInfo, message: value.message)
        }
        for value in graph.values {
            if let annotation = value.annotation(in: graph) {
                message.add(GraphField.quantizationAnnotation, message: annotation)
            }
        }
        for entry in graph.metadata { message.add(GraphField.metadata, message: entry.message) }
        return message
    }

    private func message(_ node: Node, in graph: Graph) -> WireMessage {
        var message = WireMessage()
        for input in node.inputs { message.add(NodeField.input, text: input.map { graph[$0].name } ?? "") }
        for output in node.outputs {
            message.add(NodeField.output, text: output.map { graph[$0].name } ?? "")
        }
        message.add(NodeField.name, nonEmpty: node.name)
        message.add(NodeField.operatorType, text: node.operatorType)
        for (name, value) in node.attributes.entries {
            if case .opaque(let bytes) = value {
                message.add(NodeField.attribute, bytes: bytes)
            } else {
                let doc = node.attributes.docStrings[name] ?? ""
                message.add(NodeField.attribute, message: self.message(name, value, docString: doc))
            }
        }
        message.add(NodeField.docString, nonEmpty: node.docString)
        message.add(NodeField.domain, nonEmpty: node.domain)
        message.add(NodeField.overload, nonEmpty: node.overload)
        for entry in node.metadata { message.add(NodeField.metadata, message: entry.message) }
        for bytes in node.deviceConfigurations { message.add(NodeField.deviceConfigurations, bytes: bytes) }
        return message
    }

    // MARK: Attributes

    private func message(_ name: String, _ value: Attribute, docString: String) -> WireMessage {
        var message = WireMessage()
        message.add(AttributeField.name, text: name)
        switch value {
        case .float(let value): message.add(AttributeField.float, float: value)
        case .int(let value): message.add(AttributeField.int, int: value)
        case .string(let value): message.add(AttributeField.string, text: value)
        case .tensor(let value): message.add(AttributeField.tensor, message: tensors.message(value, name: ""))
        case .graph(let value): message.add(AttributeField.graph, message: self.message(value))
        case .floats(let values): for value in values { message.add(AttributeField.floats, float: value) }
        case .ints(let values): for value in values { message.add(AttributeField.ints, int: value) }
        case .strings(let values): for value in values { message.add(AttributeField.strings, text: value) }
        case .tensors(let values):
            for value in values {
                message.add(AttributeField.tensors, message: tensors.message(value, name: ""))
            }
        case .graphs(let values):
            for value in values { message.add(AttributeField.graphs, message: self.message(value)) }
        case .opaque, .reference: break
        }
        message.add(AttributeField.docString, nonEmpty: docString)
        if let kind = value.kind { message.add(AttributeField.type, int: kind.rawValue) }
        if case .reference(let reference) = value { message.add(AttributeField.reference, text: reference) }
        return message
    }
}

extension Value {
    /// Whether the value is described among the inner values: a node defines it, something is known about it,
    /// and it is not described as an output already.
    fileprivate var needsValueInfo: Bool {
        guard case .node = definition, !isGraphOutput else { return false }
        return type != nil || !notes.isEmpty
    }

    /// The quantisation of the value, as a `TensorAnnotation`; nil if there is none, or a tensor that it
    /// names is gone.
    fileprivate func annotation(in graph: Graph) -> WireMessage? {
        guard !notes.quantization.isEmpty,
            notes.quantization.allSatisfy({ graph.value(named: $0.value) != nil })
        else { return nil }
        var message = WireMessage()
        message.add(AnnotationField.tensorName, text: name)
        for entry in notes.quantization {
            message.add(AnnotationField.parameterNames, message: entry.message)
        }
        return message
    }
}

extension Attribute {
    /// The attribute's `AttributeProto.AttributeType`; nil where this IR does not know it.
    fileprivate var kind: AttributeKind? {
        switch self {
        case .float: .float
        case .int: .int
        case .string: .string
        case .tensor: .tensor
        case .graph: .graph
        case .floats: .floats
        case .ints: .ints
        case .strings: .strings
        case .tensors: .tensors
        case .graphs: .graphs
        case .opaque, .reference: nil
        }
    }
}
