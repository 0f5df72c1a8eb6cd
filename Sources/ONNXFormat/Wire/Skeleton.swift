import GraphIR

/// A message without its weights: what protobuf-c decodes, and where in the file the weights lie.
///
/// The skeleton's tensors hold, instead of their data, the number of their entry in `payloads` as four
/// little-endian bytes of `raw_data`; tensors that had no data hold none.
struct Skeleton {
    /// The wire format of the message without tensor data and without what the reader does not look into.
    var bytes: [UInt8] = []
    var payloads: [TensorPayload] = []
    /// Where in the file the model's training information lies, which is carried along unread.
    var trainingInfo: [Range<Int>] = []
}

/// Where a tensor's data lie within the file.
struct TensorPayload {
    /// A field of `TensorProto` that holds data in bulk.
    enum Field: UInt32 {
        case floatData = 4
        case int32Data = 5
        case int64Data = 7
        case rawData = 9
        case doubleData = 10
        case uint64Data = 11
    }

    /// The ranges in the order of the file. Several of one typed field are to be joined.
    var parts: [(field: Field, range: Range<Int>)] = []
}

extension Skeleton {
    /// The number that stands for a payload in a skeleton.
    static func token(_ index: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: index).littleEndian, Array.init)
    }

    /// The payload that a skeleton's `raw_data` stands for.
    func payload(token: UnsafeRawBufferPointer) -> TensorPayload? {
        guard token.count == 4 else { return nil }
        let index = Int(UInt32(littleEndian: token.loadUnaligned(as: UInt32.self)))
        return payloads.indices.contains(index) ? payloads[index] : nil
    }
}
