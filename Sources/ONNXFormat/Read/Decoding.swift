import CONNX
import CProtobufC
import GraphIR

/// A decoded text; empty if the file has none. (The walk has checked that it is UTF-8.)
func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
}

/// A decoded repeated message field.
func list<Message>(
    _ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?
) -> [UnsafeMutablePointer<Message>] {
    UnsafeBufferPointer(start: start, count: start == nil ? 0 : count).compactMap { $0 }
}

/// A decoded repeated text field.
func texts(
    _ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> [String] {
    UnsafeBufferPointer(start: start, count: start == nil ? 0 : count).map(text)
}

/// A decoded repeated field of plain numbers.
func numbers<Number>(_ count: Int, _ start: UnsafeMutablePointer<Number>?) -> UnsafeBufferPointer<Number> {
    UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
}

/// The bytes of a decoded bytes field.
func bytes(_ data: ProtobufCBinaryData) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: data.data, count: data.data == nil ? 0 : data.len)
}

/// A decoded metadata table.
func metadata(
    _ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__StringStringEntryProto>?>?
) -> [MetadataEntry] {
    list(count, start).map { MetadataEntry(key: text($0.pointee.key), value: text($0.pointee.value)) }
}

/// A decoded message serialised again, to be kept unchanged.
func packed<Message>(_ message: UnsafeMutablePointer<Message>) -> [UInt8] {
    message.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { base in
        [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(base)) { buffer, count in
            count = buffer.baseAddress.map { protobuf_c_message_pack(base, $0) } ?? 0
        }
    }
}

/// Decodes a skeleton with protobuf-c and calls `body` with the message, which is valid only during the call.
///
/// - Throws: `ONNXFormatError.malformed` if the bytes are not such a message, or what `body` throws.
func withDecoded<Message, Result>(
    _ skeleton: Skeleton, as _: Message.Type, _ descriptor: SkeletonBuilder.Message,
    _ body: (UnsafeMutablePointer<Message>) throws -> Result
) throws -> Result {
    let message = skeleton.bytes.withUnsafeBufferPointer {
        protobuf_c_message_unpack(descriptor, nil, $0.count, $0.baseAddress)
    }
    guard let message else {
        throw ONNXFormatError(.malformed, "the file is not a valid protobuf message")
    }
    defer { protobuf_c_message_free_unpacked(message, nil) }
    return try message.withMemoryRebound(to: Message.self, capacity: 1) { try body($0) }
}

/// protobuf-c's descriptors of the messages in files.
enum MessageDescriptor {
    static var model: SkeletonBuilder.Message? {
        var message = Onnx__ModelProto()
        onnx__model_proto__init(&message)
        return message.base.descriptor
    }

    static var tensor: SkeletonBuilder.Message? {
        var message = Onnx__TensorProto()
        onnx__tensor_proto__init(&message)
        return message.base.descriptor
    }
}
