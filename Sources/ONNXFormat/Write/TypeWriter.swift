import GraphIR

extension Value {
    /// The value's description as a `ValueInfoProto`.
    var message: WireMessage { message(type) }

    /// The value's description as a graph output: with the type that the source declares, if it does.
    var outputMessage: WireMessage { message(signatureType) }

    private func message(_ type: ValueType?) -> WireMessage {
        var message = WireMessage()
        message.add(ValueInfoField.name, text: name)
        switch type {
        case .tensor(let type)?: message.add(ValueInfoField.type, message: type.message)
        case .opaque(let bytes)?: message.add(ValueInfoField.type, bytes: bytes)
        case nil: break
        }
        message.add(ValueInfoField.docString, nonEmpty: docString)
        for entry in metadata { message.add(ValueInfoField.metadata, message: entry.message) }
        return message
    }
}

extension TensorType {
    /// The type as a `TypeProto`; an unknown extent is a dimension that says nothing.
    fileprivate var message: WireMessage {
        var tensor = WireMessage()
        tensor.add(TensorTypeField.elementType, int: Int64(elementType.rawValue))
        if let shape {
            var dims = WireMessage()
            for dim in shape.dims { dims.add(ShapeField.dim, message: dim.message) }
            tensor.add(TensorTypeField.shape, message: dims)
        }
        var type = WireMessage()
        type.add(TypeField.tensor, message: tensor)
        return type
    }
}

extension Dim {
    fileprivate var message: WireMessage {
        var message = WireMessage()
        switch self {
        case .fixed(let extent): message.add(DimField.value, int: Int64(extent))
        case .symbol(let name): message.add(DimField.symbol, text: name)
        case .unknown: break
        }
        return message
    }
}
