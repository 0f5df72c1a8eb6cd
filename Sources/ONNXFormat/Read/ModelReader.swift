import CONNX
import GraphIR
import Operators

/// Turns a decoded `ModelProto` into a `Model`.
struct ModelReader {
    let tensors: TensorReader
    let limits: ImportLimits

    func read(_ proto: Onnx__ModelProto) throws -> Model {
        let irVersion = try irVersion(proto)
        guard let graphProto = proto.graph else {
            throw ONNXFormatError(.malformed, "the file holds no graph")
        }
        let opsets = try opsets(proto)
        let context = ImportContext(
            opsets: opsets, irVersion: irVersion, tensors: tensors, limits: limits,
            functions: try FunctionLibrary(proto))
        let reader = GraphReader(graphProto.pointee, context: context, parent: nil)
        let graph = try OldOpset.raise(try reader.read(graphProto.pointee))
        if opsets[""] == nil, let node = graph.nodes.first(where: \.domain.isEmpty) {
            throw ONNXFormatError(
                .unsupported, place: graph.label(of: node),
                "is a standard operator, but the model imports no version of the standard operators")
        }
        let typed = try DeclaredTypes.resolve(graph, declared: reader.declaredTypes)
        try SchemaCheck.validate(typed)
        var model = Model(
            irVersion: irVersion, graph: typed, producerName: text(proto.producer_name),
            producerVersion: text(proto.producer_version), domain: text(proto.domain),
            modelVersion: Int(proto.model_version), docString: text(proto.doc_string),
            metadata: metadata(proto.n_metadata_props, proto.metadata_props))
        model.deviceConfigurations = list(proto.n_configuration, proto.configuration).map(packed)
        model.trainingInfo = tensors.trainingInfo
        return model
    }

    private func irVersion(_ proto: Onnx__ModelProto) throws(ONNXFormatError) -> Int {
        let version = Int(proto.ir_version)
        guard version >= ImportLimits.oldestIR else {
            throw ONNXFormatError(
                proto.has_ir_version == 0 ? .malformed : .unsupported,
                proto.has_ir_version == 0
                    ? "the file says no IR version"
                    : "IR version \(version) is not handled, the oldest is \(ImportLimits.oldestIR)")
        }
        guard version <= ImportLimits.newestIR else {
            throw ONNXFormatError(
                .unsupported,
                "IR version \(version) is newer than \(ImportLimits.newestIR), the newest known",
                remedy: "export the model for an older IR version")
        }
        return version
    }

    private func opsets(_ proto: Onnx__ModelProto) throws(ONNXFormatError) -> OpsetImports {
        guard proto.n_opset_import <= limits.opsetImports else {
            throw ONNXFormatError(.limit, "the model imports \(proto.n_opset_import) operator sets")
        }
        let entries = list(proto.n_opset_import, proto.opset_import).map {
            (domain: text($0.pointee.domain), version: Int($0.pointee.version))
        }
        let opsets = OpsetImports(entries)
        for (domain, version) in entries where version < 1 || opsets[domain] != version {
            throw ONNXFormatError(
                .malformed,
                "domain \"\(domain)\" is imported at version \(version)"
                    + (version < 1 ? "" : " and at \(opsets[domain] ?? 0)"))
        }
        guard let version = opsets[""] else { return opsets }
        guard version <= limits.newestOpset else {
            throw ONNXFormatError(
                .unsupported, "opset \(version) is newer than \(limits.newestOpset), the newest known",
                remedy: "export the model for an older opset")
        }
        return opsets
    }
}

/// The state that reading all parts of a model's graphs shares.
struct ImportContext {
    let opsets: OpsetImports
    let irVersion: Int
    let tensors: TensorReader
    let limits: ImportLimits
    let functions: FunctionLibrary
    let inlining = InliningBudget()
}
