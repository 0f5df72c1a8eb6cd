import FuzzTargets

/// Building blocks of model files, so that any part can be wrong.
enum ModelMessage {
    static func model(
        _ graph: WireTree, ir: Int64? = 8, opsets: [(String, Int64)] = [("", 17)],
        extra: [WireTree.Field] = []
    ) -> WireTree {
        var model = WireTree(.model)
        if let ir { model.fields.append(.number(1, ir)) }
        model.fields.append(.message(7, graph))
        for (domain, version) in opsets {
            model.fields.append(.message(8, WireTree(.opset, [.text(1, domain), .number(2, version)])))
        }
        model.fields += extra
        return model
    }

    static func node(
        _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [WireTree] = [],
        name: String = "", domain: String = ""
    ) -> WireTree.Field {
        var fields = inputs.map { WireTree.Field.text(1, $0) } + outputs.map { .text(2, $0) }
        if !name.isEmpty { fields.append(.text(3, name)) }
        fields.append(.text(4, type))
        fields += attributes.map { .message(5, $0) }
        if !domain.isEmpty { fields.append(.text(7, domain)) }
        return .message(1, WireTree(.node, fields))
    }

    // MARK: Attributes

    static func attribute(_ name: String, int value: Int64) -> WireTree {
        WireTree(.attribute, [.text(1, name), .number(3, value), .number(20, 2)])
    }

    static func attribute(_ name: String, ints values: [Int64]) -> WireTree {
        WireTree(.attribute, [.text(1, name)] + values.map { .number(8, $0) } + [.number(20, 7)])
    }

    static func attribute(_ name: String, float value: Float) -> WireTree {
        WireTree(.attribute, [.text(1, name), .float(2, value), .number(20, 1)])
    }

    static func attribute(_ name: String, string value: String) -> WireTree {
        WireTree(.attribute, [.text(1, name), .text(4, value), .number(20, 3)])
    }

    static func attribute(_ name: String, graph: WireTree) -> WireTree {
        WireTree(.attribute, [.text(1, name), .message(6, graph), .number(20, 5)])
    }

    // MARK: Values and tensors

    /// A graph's input (field 11), output (12) or inner value (13).
    static func value(_ field: UInt64, _ name: String, _ dims: [Int64], element: Int64 = 1) -> WireTree.Field
    {
        let shape = WireTree(.shape, dims.map { .message(1, WireTree(.dim, [.number(1, $0)])) })
        let tensor = WireTree(.tensorType, [.number(1, element), .message(2, shape)])
        let type = WireTree(.type, [.message(1, tensor)])
        return .message(field, WireTree(.valueInfo, [.text(1, name), .message(2, type)]))
    }

    static func tensor(
        _ name: String, _ dims: [Int64], element: Int64 = 1, raw: [UInt8]?, extra: [WireTree.Field] = []
    ) -> WireTree {
        var fields = dims.map { WireTree.Field.number(1, $0) } + [.number(2, element), .text(8, name)]
        if let raw { fields.append(.bytes(9, raw)) }
        return WireTree(.tensor, fields + extra)
    }

    static func initializer(_ name: String, _ dims: [Int64], floats: [Float]) -> WireTree.Field {
        .message(5, tensor(name, dims, raw: floats.flatMap(\.littleEndianBytes)))
    }

    static func initializer(_ name: String, integers: [Int64]) -> WireTree.Field {
        .message(
            5,
            tensor(
                name, [Int64(integers.count)], element: 7,
                raw: integers.flatMap { value in withUnsafeBytes(of: value.littleEndian, Array.init) }))
    }
}

extension WireTree.Field {
    static func number(_ field: UInt64, _ value: Int64) -> WireTree.Field {
        WireTree.Field(field, .varint(UInt64(bitPattern: value)))
    }

    static func float(_ field: UInt64, _ value: Float) -> WireTree.Field {
        WireTree.Field(field, .fixed32(value.littleEndianBytes))
    }

    static func text(_ field: UInt64, _ text: String) -> WireTree.Field { .bytes(field, Array(text.utf8)) }

    static func bytes(_ field: UInt64, _ bytes: [UInt8]) -> WireTree.Field {
        WireTree.Field(field, .bytes(bytes))
    }

    static func message(_ field: UInt64, _ message: WireTree) -> WireTree.Field {
        WireTree.Field(field, .message(message))
    }
}

extension Float {
    fileprivate var littleEndianBytes: [UInt8] {
        withUnsafeBytes(of: bitPattern.littleEndian, Array.init)
    }
}
