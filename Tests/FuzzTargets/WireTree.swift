/// A protobuf message as a tree of its fields, for tools that change messages and keep them messages.
///
/// Reading stops at anything that is not wire format, so a tree serialises to what its message holds up to
/// there. Which fields hold messages is known for those of onnx.proto that the reader looks into.
public struct WireTree: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case varint(UInt64)
        case fixed64([UInt8])
        case fixed32([UInt8])
        case bytes([UInt8])
        case message(WireTree)
    }

    public struct Field: Sendable, Equatable {
        public var number: UInt64
        public var value: Value

        public init(_ number: UInt64, _ value: Value) {
            self.number = number
            self.value = value
        }
    }

    public let kind: MessageKind
    public var fields: [Field] = []

    public init(_ kind: MessageKind, _ fields: [Field] = []) {
        self.kind = kind
        self.fields = fields
    }

    /// The message that `bytes` hold; `depth` bounds the recursion.
    public init(_ kind: MessageKind, reading bytes: ArraySlice<UInt8>, depth: Int = 60) {
        self.kind = kind
        var rest = bytes
        while let tag = WireTree.varint(&rest), tag >> 3 > 0 {
            guard let value = WireTree.value(tag, kind, &rest, depth) else { return }
            fields.append(Field(tag >> 3, value))
        }
    }

    private static func value(
        _ tag: UInt64, _ kind: MessageKind, _ rest: inout ArraySlice<UInt8>, _ depth: Int
    ) -> Value? {
        func take(_ count: UInt64) -> ArraySlice<UInt8>? {
            guard let count = Int(exactly: count), count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        switch tag & 7 {
        case 0: return varint(&rest).map(Value.varint)
        case 1: return take(8).map { .fixed64(Array($0)) }
        case 5: return take(4).map { .fixed32(Array($0)) }
        case 2:
            guard let length = varint(&rest), let contents = take(length) else { return nil }
            if depth > 0, let inner = kind.message(in: tag >> 3) {
                return .message(WireTree(inner, reading: contents, depth: depth - 1))
            }
            return .bytes(Array(contents))
        default: return nil
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    /// The message in wire format.
    public var serialized: [UInt8] {
        var bytes: [UInt8] = []
        func append(varint value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }
        func append(_ number: UInt64, _ type: UInt64, _ contents: [UInt8], prefixed: Bool = false) {
            append(varint: number << 3 | type)
            if prefixed { append(varint: UInt64(contents.count)) }
            bytes += contents
        }
        for field in fields {
            switch field.value {
            case .varint(let value):
                append(varint: field.number << 3)
                append(varint: value)
            case .fixed64(let contents): append(field.number, 1, contents)
            case .fixed32(let contents): append(field.number, 5, contents)
            case .bytes(let contents): append(field.number, 2, contents, prefixed: true)
            case .message(let tree): append(field.number, 2, tree.serialized, prefixed: true)
            }
        }
        return bytes
    }
}

/// The messages of onnx.proto that the reader looks into.
public enum MessageKind: Sendable, Equatable {
    case model, opset, entry, graph, node, attribute, tensor, valueInfo, type, tensorType, shape, dim,
        function

    /// The message that a field of this one holds.
    public func message(in field: UInt64) -> MessageKind? {
        switch (self, field) {
        case (.model, 7), (.attribute, 6), (.attribute, 11): .graph
        case (.model, 8), (.function, 9): .opset
        case (.model, 14), (.graph, 16), (.tensor, 13), (.tensor, 16), (.node, 9), (.valueInfo, 4): .entry
        case (.model, 25): .function
        case (.graph, 1), (.function, 7): .node
        case (.graph, 5), (.attribute, 5), (.attribute, 10): .tensor
        case (.graph, 11), (.graph, 12), (.graph, 13): .valueInfo
        case (.node, 5): .attribute
        case (.valueInfo, 2): .type
        case (.type, 1): .tensorType
        case (.tensorType, 2): .shape
        case (.shape, 1): .dim
        default: nil
        }
    }
}
