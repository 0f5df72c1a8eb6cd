import GraphIR

extension Value {
    /// The value's description as a `ValueInfoProto`.
    var message: WireMessage { message(type) }

    /// The value's description as a graph input or output: with the type that the source declares, if there
    /// is one.
    var signatureMessage: WireMessage { message(signatureType) }

    private func message(_ type: ValueType?) -> WireMessage {
        var message = WireMessage()
        message.add(ValueInfoField.name, text: name)
        switch type {
        case .tensor(let type)?: message.add(ValueInfoField.type, message: type.message(notes.denotation))
        case .opaque(let bytes)?: message.add(ValueInfoField.type, bytes: bytes)
        case nil: break
        }
        message.add(ValueInfoField.docString, nonEmpty: notes.docString)
        for entry in notes.metadata { message.add(ValueInfoField.metadata, message: entry.message) }
        return message
    }
}

extension TensorType {
    /// The type as a `TypeProto`; an unknown extent is a dimension without a value.
    fileprivate func message(_ denotation: Denotation?) -> WireMessage {
        var tensor = WireMessage()
        tensor.add(TensorTypeField.elementType, int: Int64(elementType.rawValue))
        if let shape {
            var dims = WireMessage()
            // If a pass changed the value's rank, its axes are no longer those that the texts describe.
            let texts = denotation?.axes.count == shape.rank ? denotation?.axes : nil
            for (axis, dim) in shape.dims.enumerated() {
                dims.add(ShapeField.dim, message: dim.message(texts?[axis] ?? ""))
            }
            tensor.add(TensorTypeField.shape, message: dims)
        }
        var type = WireMessage()
        type.add(TypeField.tensor, message: tensor)
        type.add(TypeField.denotation, nonEmpty: denotation?.type ?? "")
        return type
    }
}

extension Dim {
    fileprivate func message(_ denotation: String) -> WireMessage {
        var message = WireMessage()
        switch self {
        case .fixed(let extent): message.add(DimField.value, int: Int64(extent))
        case .symbol(let name): message.add(DimField.symbol, text: name)
        case .unknown: break
        }
        message.add(DimField.denotation, nonEmpty: denotation)
        return message
    }
}
