import CONNX
import GraphIR

/// Reads a node's attributes.
struct AttributeReader {
    let graph: GraphReader
    /// The node's name in errors.
    let node: String

    func read(_ protos: [UnsafeMutablePointer<Onnx__AttributeProto>]) throws -> Attributes {
        guard protos.count <= graph.context.limits.attributesPerNode else {
            throw ONNXFormatError(.limit, place: node, "has \(protos.count) attributes")
        }
        var attributes = Attributes()
        for proto in protos {
            let name = text(proto.pointee.name)
            guard !name.isEmpty, attributes[name] == nil else {
                throw ONNXFormatError(
                    .invalidGraph, place: node,
                    name.isEmpty ? "has an attribute without a name" : "has attribute \"\(name)\" twice")
            }
            if let reference = proto.pointee.ref_attr_name, reference.pointee != 0, graph.isInFunction {
                attributes[name] = graph.functionAttribute(text(reference))
            } else {
                attributes[name] = try read(proto, name)
            }
            if let doc = proto.pointee.doc_string, doc.pointee != 0 {
                attributes.docStrings[name] = text(doc)
            }
        }
        return attributes
    }

    private func read(
        _ pointer: UnsafeMutablePointer<Onnx__AttributeProto>, _ name: String
    ) throws -> Attribute {
        let proto = pointer.pointee
        if let reference = proto.ref_attr_name, reference.pointee != 0 {
            throw ONNXFormatError(
                .invalidGraph, place: node,
                "attribute \"\(name)\" refers to a function's attribute outside of a function")
        }
        let place = "\(node), attribute \"\(name)\""
        switch AttributeKind(rawValue: Int64(proto.type.rawValue)) ?? .undefined {
        case .float: return .float(proto.f)
        case .int: return .int(proto.i)
        case .string: return string(bytes(proto.s)).map(Attribute.string) ?? .opaque(packed(pointer))
        case .floats: return .floats(Array(numbers(proto.n_floats, proto.floats)))
        case .ints: return .ints(Array(numbers(proto.n_ints, proto.ints)))
        case .strings:
            let elements = numbers(proto.n_strings, proto.strings).map { string(bytes($0)) }
            let valid = elements.compactMap { $0 }
            return valid.count == elements.count ? .strings(valid) : .opaque(packed(pointer))
        case .tensor:
            guard let tensor = proto.t else { throw missing(place) }
            return .tensor(try graph.context.tensors.read(tensor.pointee, place: place))
        case .tensors:
            return .tensors(
                try list(proto.n_tensors, proto.tensors).map {
                    try graph.context.tensors.read($0.pointee, place: place)
                })
        case .graph:
            guard let subgraph = proto.g else { throw missing(place) }
            return .graph(try read(subgraph.pointee))
        case .graphs:
            return .graphs(try list(proto.n_graphs, proto.graphs).map { try read($0.pointee) })
        case .typeProto, .typeProtos: return .opaque(packed(pointer))
        case .sparseTensor, .sparseTensors:
            throw ONNXFormatError(
                .unsupported, place: place, "is a sparse tensor", remedy: "store it as a dense tensor")
        case .undefined:
            throw ONNXFormatError(
                .unsupported, place: place, "is of unknown kind \(proto.type.rawValue)")
        }
    }

    private func read(_ proto: Onnx__GraphProto) throws -> Graph {
        try GraphReader(proto, context: graph.context, parent: graph).read(proto)
    }

    private func string(_ bytes: UnsafeRawBufferPointer) -> String? {
        String(validating: bytes, as: UTF8.self)
    }

    private func missing(_ place: String) -> ONNXFormatError {
        ONNXFormatError(.malformed, place: place, "has no contents")
    }
}
