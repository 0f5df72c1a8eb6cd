import CONNX
import CProtobufC

/// Walks a protobuf message once and builds its skeleton.
///
/// The walk follows protobuf-c's own description of the messages, without recursion, and checks what
/// protobuf-c does not: nesting depth, nodes, the memory that decoding will take, texts, and messages that
/// occur twice where only one is allowed. It never touches the weights, so those of a mapped file are not
/// read. O(bytes of description).
struct SkeletonBuilder {
    typealias Message = UnsafePointer<ProtobufCMessageDescriptor>
    typealias Field = UnsafePointer<ProtobufCFieldDescriptor>

    private struct Frame {
        let message: Message
        let kind: Kind
        let end: Int
        /// The position in the output for the message's length; nil for the outermost message.
        let lengthSlot: Int?
        /// The message-valued fields seen so far, one bit per field.
        var seen: UInt64 = 0
        var payload = TensorPayload()
    }

    /// The messages that the walk treats specially.
    fileprivate enum Kind { case model, graph, node, tensor, other }

    private var cursor: WireCursor
    private let limits: ImportLimits
    private var skeleton = Skeleton()
    private var stack: [Frame] = []
    private var nodes = 0
    private var cost = 0

    private init(_ bytes: UnsafeRawBufferPointer, limits: ImportLimits) {
        cursor = WireCursor(bytes)
        self.limits = limits
    }

    /// The skeleton of the message in `bytes`.
    ///
    /// - Throws: `ONNXFormatError`, `.malformed` or `.limit`.
    static func build(
        _ bytes: UnsafeRawBufferPointer, message: Message, limits: ImportLimits
    ) throws(ONNXFormatError) -> Skeleton {
        var builder = SkeletonBuilder(bytes, limits: limits)
        try builder.push(message, end: bytes.count, lengthSlot: nil)
        while let frame = builder.stack.last {
            if builder.cursor.offset == frame.end {
                builder.pop()
            } else {
                builder.cursor.enter(end: frame.end)
                try builder.readField(of: frame)
            }
        }
        return builder.skeleton
    }

    // MARK: Messages

    private mutating func push(_ message: Message, end: Int, lengthSlot: Int?) throws(ONNXFormatError) {
        guard stack.count < limits.messageDepth else {
            throw limit("messages nest deeper than \(limits.messageDepth)")
        }
        let kind = Kind(message)
        if kind == .node {
            nodes += 1
            guard nodes <= limits.nodes else { throw limit("more than \(limits.nodes) nodes") }
        }
        try charge(message.pointee.sizeof_message)
        stack.append(Frame(message: message, kind: kind, end: end, lengthSlot: lengthSlot))
    }

    private mutating func pop() {
        guard let frame = stack.popLast() else { return }
        if !frame.payload.parts.isEmpty {
            emit(field: TensorPayload.Field.rawData.rawValue, Skeleton.token(skeleton.payloads.count))
            skeleton.payloads.append(frame.payload)
        }
        if let slot = frame.lengthSlot { skeleton.bytes.patchLength(at: slot) }
    }

    // MARK: Fields

    private mutating func readField(of frame: Frame) throws(ONNXFormatError) {
        let start = cursor.offset
        let (number, type) = try cursor.readTag()
        if frame.kind == .model, number == ModelField.trainingInfo.rawValue, type == .lengthDelimited {
            skeleton.trainingInfo.append(try cursor.skipValue(type))
            return try charge(0)
        }
        guard let field = protobuf_c_message_descriptor_get_field(frame.message, number) else {
            _ = try cursor.skipValue(type)
            return
        }
        if field.pointee.type == PROTOBUF_C_TYPE_MESSAGE {
            try readMessage(number, type, field, of: frame)
            return
        }
        let contents = try cursor.skipValue(type)
        if frame.kind == .tensor, type == .lengthDelimited, let part = TensorPayload.Field(rawValue: number) {
            stack[stack.count - 1].payload.parts.append((part, contents))
            try charge(32)
            return
        }
        if field.pointee.type == PROTOBUF_C_TYPE_STRING { try validateText(contents, type, field) }
        // A packed number may take one byte here, and twice eight bytes when it is decoded.
        let isNumber = field.pointee.type.rawValue < PROTOBUF_C_TYPE_STRING.rawValue
        let isPacked = type == .lengthDelimited && isNumber
        try charge((cursor.offset - start) * (isPacked ? 17 : 1))
        if type == .lengthDelimited {
            emit(field: number, UnsafeRawBufferPointer(rebasing: cursor.bytes[contents]))
        } else {
            skeleton.bytes.appendVarint(UInt64(number) << 3 | UInt64(type.rawValue))
            skeleton.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: cursor.bytes[contents]))
        }
    }

    private mutating func readMessage(
        _ number: UInt32, _ type: WireCursor.WireType, _ field: Field, of frame: Frame
    ) throws(ONNXFormatError) {
        guard type == .lengthDelimited, let descriptor = field.pointee.descriptor else {
            throw malformed(field, "is not a message")
        }
        if field.pointee.label != PROTOBUF_C_LABEL_REPEATED {
            let bit = UInt64(1) << UInt64(truncatingIfNeeded: field - frame.message.pointee.fields)
            guard frame.seen & bit == 0 else { throw malformed(field, "occurs twice") }
            stack[stack.count - 1].seen |= bit
        }
        let contents = try cursor.readLength()
        skeleton.bytes.appendVarint(UInt64(number) << 3 | 2)
        let slot = skeleton.bytes.reserveLength()
        try push(
            descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self), end: contents.upperBound,
            lengthSlot: slot)
    }

    private func validateText(
        _ contents: Range<Int>, _ type: WireCursor.WireType, _ field: Field
    ) throws(ONNXFormatError) {
        guard type == .lengthDelimited else { throw malformed(field, "is not a text") }
        let text = UnsafeRawBufferPointer(rebasing: cursor.bytes[contents])
        guard !text.contains(0) else { throw malformed(field, "holds a NUL character") }
        guard String(validating: text, as: UTF8.self) != nil else {
            throw malformed(field, "is not UTF-8")
        }
    }

    private mutating func emit(field: UInt32, _ contents: some Collection<UInt8>) {
        skeleton.bytes.appendVarint(UInt64(field) << 3 | 2)
        skeleton.bytes.appendVarint(UInt64(contents.count))
        skeleton.bytes.append(contentsOf: contents)
    }

    // MARK: Limits and errors

    /// Counts the memory that decoding a field will take: its contents, and the bookkeeping of protobuf-c and
    /// of the IR.
    private mutating func charge(_ bytes: Int) throws(ONNXFormatError) {
        cost += bytes + 64
        guard cost <= limits.descriptionBytes else {
            throw limit("the description takes more than \(limits.descriptionBytes >> 20) MB of memory")
        }
    }

    private func limit(_ problem: String) -> ONNXFormatError {
        ONNXFormatError(.limit, place: "byte \(cursor.offset)", problem)
    }

    private func malformed(_ field: Field, _ problem: String) -> ONNXFormatError {
        let message = stack.last.map { String(cString: $0.message.pointee.short_name) } ?? ""
        return cursor.malformed("\(message).\(String(cString: field.pointee.name)) \(problem)")
    }
}

extension SkeletonBuilder.Kind {
    fileprivate init(_ message: SkeletonBuilder.Message) {
        self =
            switch String(cString: message.pointee.short_name) {
            case "ModelProto": .model
            case "GraphProto": .graph
            case "NodeProto": .node
            case "TensorProto": .tensor
            default: .other
            }
    }
}
