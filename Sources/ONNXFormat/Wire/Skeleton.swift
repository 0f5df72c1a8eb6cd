import GraphIR

/// A message without its weights: the part that protobuf-c decodes, and the positions of the weights in the
/// file.
///
/// A tensor of the skeleton holds, instead of its data, the number of its entry in `payloads`, as four
/// little-endian bytes of `raw_data`. Tensors that had no data hold none.
struct Skeleton {
    /// The wire format of the message, without tensor data and without the parts that the reader ignores.
    var bytes: [UInt8] = []
    var payloads: [TensorPayload] = []
    /// The positions in the file of the model's training information, which is kept unread.
    var trainingInfo: [Range<Int>] = []
}

/// The positions of a tensor's data in the file.
struct TensorPayload {
    /// A field of `TensorProto` that holds bulk data.
    enum Field: UInt32 {
        case floatData = 4
        case int32Data = 5
        case int64Data = 7
        case rawData = 9
        case doubleData = 10
        case uint64Data = 11
    }

    /// The ranges in the order of the file. Several ranges of one typed field belong together.
    var parts: [(field: Field, range: Range<Int>)] = []
}

extension Skeleton {
    /// The number that represents a payload in a skeleton.
    static func token(_ index: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: index).littleEndian, Array.init)
    }

    /// The payload that a skeleton's `raw_data` represents.
    func payload(token: UnsafeRawBufferPointer) -> TensorPayload? {
        guard token.count == 4 else { return nil }
        let index = Int(UInt32(littleEndian: token.loadUnaligned(as: UInt32.self)))
        return payloads.indices.contains(index) ? payloads[index] : nil
    }
}
