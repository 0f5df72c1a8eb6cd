import CONNX
import GraphIR

/// A call of a function, whose nodes are being read in place of the calling node.
struct FunctionCall {
    /// The prefix of inner nodes' and values' names.
    let prefix: String
    /// The function's values by their names within it; nil for an input that the call omits.
    var values: [String: ValueID?]
    /// The names that the call gives to the function's outputs.
    let outputs: [String: String]
    /// The function's attributes: those of the call, or else the function's defaults.
    let attributes: Attributes
}

extension GraphReader {
    /// Reads a function's nodes in place of the node that calls it.
    ///
    ///     before: x -> f -> y           f(a): a -> Conv -> b -> Relu -> c
    ///     after:  x -> Conv -> f/b -> Relu -> y
    ///
    /// Inner names get the call's name as scope. Attributes that refer to the function's attributes take the
    /// call's values or the function's defaults; without either they are omitted.
    ///
    /// - Throws: `ONNXFormatError` if functions call each other in a circle or too deeply, create more nodes
    ///   than the model may have, or are written for another opset than the model.
    func inline(_ key: FunctionLibrary.Key, _ function: Onnx__FunctionProto, call: Onnx__NodeProto) throws {
        let place = NodeOrder.label(of: call)
        try check(key, function, place: place)
        let inputs = try texts(call.n_input, call.input).map { try input($0, of: place) }
        let (parameters, results) = (
            texts(function.n_input, function.input), texts(function.n_output, function.output)
        )
        let outputs = texts(call.n_output, call.output)
        guard inputs.count <= parameters.count, outputs.count <= results.count else {
            throw ONNXFormatError(.invalidGraph, place: place, "has more inputs or outputs than its function")
        }
        let values = parameters.enumerated().map { position, name in
            (name, position < inputs.count ? inputs[position] : nil)
        }
        let outer = try outputs.map { try definedName($0) }
        let base = text(call.name).isEmpty ? outputs.first { !$0.isEmpty } ?? key.name : text(call.name)
        let scope = FunctionCall(
            prefix: calls.last.map { "\($0.prefix)/\(base)" } ?? base,
            values: Dictionary(values, uniquingKeysWith: { first, _ in first }),
            outputs: Dictionary(
                zip(results, outer).filter { !$0.1.isEmpty }, uniquingKeysWith: { first, _ in first }),
            attributes: try attributes(of: call, function, place))
        calls.append(scope)
        try readNodes(list(function.n_node, function.node))
        let call = calls.removeLast()
        for (position, name) in outer.enumerated() where !name.isEmpty {
            let result = results[position]
            guard let value = call.values[result] ?? nil else {
                throw GraphError.danglingName(result, node: place)
            }
            // A result that is an input of the function, or that serves as two outputs, has another name.
            let isNamed = edit.graph[value].name == name
            register(isNamed ? value : try edit.add("Identity", [value], output: name), as: outputs[position])
        }
    }

    private func check(
        _ key: FunctionLibrary.Key, _ function: Onnx__FunctionProto, place: String
    ) throws(ONNXFormatError) {
        // A call within a function was counted as part of that function.
        if !isInFunction {
            let size = try context.functions.size(of: key, place: place)
            try context.inlining.spend(size, of: context.limits, place: place)
        }
        for entry in list(function.n_opset_import, function.opset_import) {
            let domain = OpsetImports.canonical(text(entry.pointee.domain))
            let (version, imported) = (Int(entry.pointee.version), context.opsets[domain])
            guard domain.isEmpty, let imported, imported != version else { continue }
            throw ONNXFormatError(
                .unsupported, place: place,
                "function \"\(key.name)\" is written for opset \(version), the model for \(imported)",
                remedy: "inline the functions with onnx.inliner")
        }
    }

    /// The call's attributes, completed by the function's defaults.
    private func attributes(
        of call: Onnx__NodeProto, _ function: Onnx__FunctionProto, _ place: String
    ) throws -> Attributes {
        let reader = AttributeReader(graph: self, node: place)
        var attributes = try reader.read(list(call.n_attribute, call.attribute))
        let defaults = try reader.read(list(function.n_attribute_proto, function.attribute_proto))
        for (name, value) in defaults.entries where attributes[name] == nil { attributes[name] = value }
        return attributes
    }

    // MARK: Names

    /// The value that a node reads under a name; nil if the name is empty, or is that of a function's input
    /// that the call omits.
    func input(_ name: String, of node: String) throws -> ValueID? {
        guard !name.isEmpty else { return nil }
        if let call = calls.last, case .some(nil) = call.values[name] { return nil }
        guard let id = try resolve(name) else { throw GraphError.danglingName(name, node: node) }
        return id
    }

    /// The name in the graph of a value that a node defines as `name`.
    func definedName(_ name: String) throws(ONNXFormatError) -> String {
        guard let call = calls.last, !name.isEmpty else { return name }
        if let output = call.outputs[name] { return output }
        let inner = edit.uniqueName("\(call.prefix)/\(name)")
        try context.inlining.spend(name: inner, of: context.limits)
        return inner
    }

    /// Records a value of the function that is being read.
    func register(_ value: ValueID, as name: String) {
        guard !calls.isEmpty else { return }
        calls[calls.count - 1].values[name] = value
    }

    /// The value of a function's attribute in the current call or one around it; nil if it has no value.
    func functionAttribute(_ name: String) -> Attribute? {
        calls.last.map { $0.attributes[name] } ?? parent?.functionAttribute(name)
    }

    /// Whether a function is being read, in this graph or one around it.
    var isInFunction: Bool { !calls.isEmpty || parent?.isInFunction == true }
}
