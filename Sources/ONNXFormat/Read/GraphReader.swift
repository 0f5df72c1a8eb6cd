import CONNX
import GraphIR

/// Turns a decoded `GraphProto` into a `Graph`. Each subgraph has a reader of its own, whose `parent`
/// supplies the captured values.
final class GraphReader {
    let context: ImportContext
    let parent: GraphReader?
    var edit: GraphEdit
    /// The calls of functions that are being read, the innermost last.
    var calls: [FunctionCall] = []
    /// In a subgraph of a function: the captured values by their names within the function.
    private var captured: [String: ValueID] = [:]
    /// In the outermost graph: the types that the file declares for inner values.
    private(set) var declaredTypes: [(value: ValueID, type: ValueType)] = []

    init(_ proto: Onnx__GraphProto, context: ImportContext, parent: GraphReader?) {
        self.context = context
        self.parent = parent
        edit = GraphEdit(
            Graph(
                name: text(proto.name), opsets: context.opsets, docString: text(proto.doc_string),
                metadata: metadata(proto.n_metadata_props, proto.metadata_props)))
    }

    /// Reads the whole graph: inputs and initialisers, nodes in topological order, outputs, notes.
    func read(_ proto: Onnx__GraphProto) throws -> Graph {
        if let sparse = list(proto.n_sparse_initializer, proto.sparse_initializer).first {
            let name = text(sparse.pointee.values?.pointee.name)
            throw ONNXFormatError(
                .unsupported, place: "initializer \"\(name)\"", "is sparse",
                remedy: "store it as a dense tensor")
        }
        try readInputs(proto)
        try readNodes(list(proto.n_node, proto.node))
        for output in list(proto.n_output, proto.output) { try readOutput(output.pointee) }
        for info in list(proto.n_value_info, proto.value_info) { try readValueInfo(info.pointee) }
        for annotation in list(proto.n_quantization_annotation, proto.quantization_annotation) {
            readAnnotation(annotation.pointee)
        }
        return try edit.commit()
    }

    /// The value of that name, here or in an enclosing graph, which is then captured.
    func resolve(_ name: String) throws -> ValueID? {
        // A function's nodes see only the function's values.
        if let call = calls.last { return call.values[name] ?? nil }
        if let value = edit.graph.value(named: name)?.id ?? captured[name] { return value }
        guard let parent, let outer = try parent.resolve(name) else { return nil }
        let value = parent.edit.graph[outer]
        let capture =
            try edit.graph.value(named: value.name)?.id ?? edit.addCapture(value.name, type: value.type)
        captured[name] = capture
        return capture
    }

    // MARK: Inputs and initialisers

    private func readInputs(_ proto: Onnx__GraphProto) throws {
        let initializers = list(proto.n_initializer, proto.initializer)
        var defaults: [String: UnsafeMutablePointer<Onnx__TensorProto>] = [:]
        for tensor in initializers
        where defaults.updateValue(tensor, forKey: text(tensor.pointee.name)) != nil {
            throw GraphError.duplicateName(text(tensor.pointee.name))
        }
        for input in list(proto.n_input, proto.input) {
            let name = text(input.pointee.name)
            let place = "input \"\(name)\""
            let type = try TypeReader.read(input.pointee.type, place: place)
            guard type != nil || parent != nil || defaults[name] != nil else {
                throw ONNXFormatError(.invalidGraph, place: place, "has no type")
            }
            let id = try edit.addInput(name, type: relaxed(type))
            edit.setNotes(id, notes(input.pointee))
            if let tensor = defaults.removeValue(forKey: name) {
                let contents = try context.tensors.read(tensor.pointee, place: "initializer \"\(name)\"")
                if type == nil { edit.setType(id, .tensor(contents.type)) }
                edit.setInitializer(id, contents)
                edit.setNotes(id, edit.graph[id].notes.merged(with: notes(tensor.pointee)))
            }
        }
        if parent == nil { nameBatch() }
        for tensor in initializers {
            let name = text(tensor.pointee.name)
            guard defaults[name] != nil else { continue }
            let contents = try context.tensors.read(tensor.pointee, place: "initializer \"\(name)\"")
            let id = try edit.addInitializer(name, contents)
            edit.setNotes(id, notes(tensor.pointee))
        }
    }

    /// Exporters from the time of IR 3 to 6 wrote 0 for "any" as the batch of an input; they never meant an
    /// input without elements.
    private func relaxed(_ type: ValueType?) -> ValueType? {
        guard context.irVersion <= 6, parent == nil, case .tensor(var tensor)? = type,
            tensor.shape?.dims.first == .fixed(0)
        else { return type }
        tensor.shape?.dims[0] = .unknown
        return .tensor(tensor)
    }

    /// Treats a first extent that the file leaves unnamed and open as the batch, one for all inputs. The
    /// signature still shows the file's version.
    private func nameBatch() {
        let open = edit.graph.requiredInputs.filter { edit.graph[$0].shape?.dims.first == .unknown }
        guard !open.isEmpty else { return }
        let symbols = Set(edit.graph.inputs.flatMap { edit.graph[$0].shape?.dims ?? [] })
        let names = ["batch"] + (1...symbols.count).map { "batch_\($0)" }
        guard let name = names.first(where: { !symbols.contains(.symbol($0)) }) else { return }
        for id in open {
            guard var type = edit.graph[id].tensorType else { continue }
            edit.setDeclaredType(id, .tensor(type))
            type.shape?.dims[0] = .symbol(name)
            edit.setType(id, .tensor(type))
        }
    }

    // MARK: Outputs and notes

    private func readOutput(_ info: Onnx__ValueInfoProto) throws {
        let name = text(info.name)
        guard let id = try resolve(name) else {
            throw GraphError.danglingName(name, node: "graph \"\(edit.graph.name)\" outputs")
        }
        let declared = try TypeReader.read(info.type, place: "output \"\(name)\"")
        if let declared { try declare(declared, of: id) }
        edit.setNotes(id, notes(info).merged(with: edit.graph[id].notes))
        edit.addOutput(id, declared: declared)
    }

    private func declare(_ type: ValueType, of id: ValueID) throws {
        let value = edit.graph[id]
        guard let known = value.type else { return edit.setType(id, type) }
        switch (known, type) {
        case (.tensor(let a), .tensor(let b)):
            guard let merged = a.merged(with: b) else {
                throw ONNXFormatError(
                    .invalidGraph, place: "value \"\(value.name)\"", "is declared \(a) and \(b)")
            }
            edit.setType(id, .tensor(merged))
        default: break
        }
    }

    /// Reads the notes on an inner value; ignores an entry for a value that does not exist, which is a
    /// leftover.
    private func readValueInfo(_ info: Onnx__ValueInfoProto) throws {
        guard let value = edit.graph.value(named: text(info.name)) else { return }
        edit.setNotes(value.id, notes(info).merged(with: value.notes))
        guard let type = try? TypeReader.read(info.type, place: "value \"\(value.name)\"") else { return }
        if parent == nil {
            declaredTypes.append((value.id, type))
        } else if value.type == nil {
            edit.setType(value.id, type)
        }
    }

    /// Reads the quantisation of a value; ignores an annotation of one that does not exist, which is a
    /// leftover.
    private func readAnnotation(_ annotation: Onnx__TensorAnnotation) {
        guard let value = edit.graph.value(named: text(annotation.tensor_name)) else { return }
        var notes = value.notes
        notes.quantization = metadata(
            annotation.n_quant_parameter_tensor_names, annotation.quant_parameter_tensor_names)
        edit.setNotes(value.id, notes)
    }

    private func notes(_ info: Onnx__ValueInfoProto) -> ValueNotes {
        ValueNotes(
            docString: text(info.doc_string), metadata: metadata(info.n_metadata_props, info.metadata_props),
            denotation: TypeReader.denotation(info.type))
    }

    private func notes(_ tensor: Onnx__TensorProto) -> ValueNotes {
        ValueNotes(
            docString: text(tensor.doc_string),
            metadata: metadata(tensor.n_metadata_props, tensor.metadata_props))
    }
}
