import GraphIR

/// Turns tensors into `TensorProto` messages, and collects the contents of an external data file.
final class TensorWriter {
    /// The data file for large tensors; nil keeps all of them in the message.
    private let location: String?
    /// The contents of the data file in order, each region with its offset.
    private(set) var external: [(offset: Int, region: ByteRegion)] = []
    private var end = 0

    /// Smaller tensors stay in the message, where readers that infer shapes look for them.
    static let smallestExternal = 1024
    /// Offsets of large tensors are multiples of a page, so that runtimes can map them one by one.
    static let page = 4096
    /// All other offsets are aligned for any vector instruction.
    static let alignment = 64

    init(location: String?) { self.location = location }

    func message(_ tensor: Tensor, name: String, docString: String = "", metadata: [MetadataEntry] = [])
        -> WireMessage
    {
        var message = WireMessage()
        for extent in tensor.shape { message.add(TensorField.dims, int: Int64(extent)) }
        message.add(TensorField.dataType, int: Int64(tensor.elementType.rawValue))
        for string in tensor.strings { message.add(TensorField.stringData, bytes: string) }
        message.add(TensorField.name, nonEmpty: name)
        let isExternal = location != nil && tensor.bytes.count >= TensorWriter.smallestExternal
        if !isExternal, tensor.elementType != .string {
            message.add(TensorField.rawData, region: tensor.bytes)
        }
        message.add(TensorField.docString, nonEmpty: docString)
        if isExternal, let location {
            let entries = [
                MetadataEntry(key: "location", value: location),
                MetadataEntry(key: "offset", value: "\(place(tensor.bytes))"),
                MetadataEntry(key: "length", value: "\(tensor.bytes.count)"),
            ]
            for entry in entries { message.add(TensorField.externalData, message: entry.message) }
            message.add(TensorField.dataLocation, int: 1)
        }
        for entry in metadata { message.add(TensorField.metadata, message: entry.message) }
        return message
    }

    /// Appends a region to the data file and returns its offset.
    private func place(_ region: ByteRegion) -> Int {
        let step = region.count >= TensorWriter.page ? TensorWriter.page : TensorWriter.alignment
        let offset = (end + step - 1) / step * step
        external.append((offset, region))
        end = offset + region.count
        return offset
    }
}

extension MetadataEntry {
    /// The entry as a `StringStringEntryProto`.
    var message: WireMessage {
        var message = WireMessage()
        message.add(EntryField.key, text: key)
        message.add(EntryField.value, text: value)
        return message
    }
}
