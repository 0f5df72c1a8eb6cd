import GraphIR

@testable import ONNXFormat

/// Models made field by field, so that any part can be wrong.
enum RawModel {
    /// `ModelProto` around a graph: IR 8, opset 17, unless told otherwise.
    static func model(
        _ graph: WireMessage, ir: Int64? = 8, opsets: [(String, Int64)] = [("", 17)],
        extra: (inout WireMessage) -> Void = { _ in }
    ) -> [UInt8] {
        var model = WireMessage()
        if let ir { model.add(ModelField.irVersion, int: ir) }
        model.add(ModelField.graph, message: graph)
        for (domain, version) in opsets {
            model.add(
                ModelField.opsetImport,
                message: .of {
                    $0.add(OpsetField.domain, text: domain)
                    $0.add(OpsetField.version, int: version)
                })
        }
        extra(&model)
        return model.serialized
    }

    /// A graph that computes `y = Relu(x)` for a vector of two, and whatever `extra` adds.
    static func graph(
        nodes: [WireMessage] = [node("Relu", ["x"], ["y"])], extra: (inout WireMessage) -> Void = { _ in }
    ) -> WireMessage {
        .of { graph in
            for node in nodes { graph.add(GraphField.node, message: node) }
            graph.add(GraphField.name, text: "g")
            graph.add(GraphField.input, message: value("x", [2]))
            graph.add(GraphField.output, message: value("y", [2]))
            extra(&graph)
        }
    }

    static func node(
        _ type: String, _ inputs: [String], _ outputs: [String], attributes: [WireMessage] = []
    ) -> WireMessage {
        .of { node in
            for input in inputs { node.add(NodeField.input, text: input) }
            for output in outputs { node.add(NodeField.output, text: output) }
            node.add(NodeField.operatorType, text: type)
            for attribute in attributes { node.add(NodeField.attribute, message: attribute) }
        }
    }

    /// A model whose only node calls a function of the domain `d`, and whatever `extra` adds.
    static func calling(_ function: String, extra: (inout WireMessage) -> Void) -> [UInt8] {
        model(graph(nodes: [call(function, "x", "y")]), opsets: [("", 17), ("d", 1)], extra: extra)
    }

    /// A function of the domain `d` that calls another one after itself, `times` times.
    static func function(
        _ name: String, calling other: String, times: Int = 1, opset: Int64 = 17
    ) -> WireMessage {
        .of { function in
            function.add(AnyField(1), text: name)
            function.add(AnyField(4), text: "a0")
            function.add(AnyField(5), text: "a\(times)")
            for position in 0..<times {
                function.add(AnyField(7), message: call(other, "a\(position)", "a\(position + 1)"))
            }
            function.add(
                AnyField(9),
                message: .of {
                    $0.add(OpsetField.domain, text: "")
                    $0.add(OpsetField.version, int: opset)
                })
            function.add(AnyField(10), text: "d")
        }
    }

    private static func call(_ function: String, _ input: String, _ output: String) -> WireMessage {
        .of { node in
            node.add(NodeField.input, text: input)
            node.add(NodeField.output, text: output)
            node.add(NodeField.operatorType, text: function)
            node.add(NodeField.domain, text: "d")
        }
    }

    static func value(_ name: String, _ dims: [Int64], element: Int64 = 1) -> WireMessage {
        .of { value in
            value.add(ValueInfoField.name, text: name)
            value.add(
                ValueInfoField.type,
                message: .of { type in
                    type.add(
                        TypeField.tensor,
                        message: .of { tensor in
                            tensor.add(TensorTypeField.elementType, int: element)
                            tensor.add(
                                TensorTypeField.shape,
                                message: .of { shape in
                                    for dim in dims {
                                        shape.add(
                                            ShapeField.dim, message: .of { $0.add(DimField.value, int: dim) })
                                    }
                                })
                        })
                })
        }
    }

    static func tensor(
        _ dims: [Int64], name: String = "w", element: Int64 = 1, raw: [UInt8]? = nil,
        extra: (inout WireMessage) -> Void = { _ in }
    ) -> WireMessage {
        .of { tensor in
            for dim in dims { tensor.add(TensorField.dims, int: dim) }
            tensor.add(TensorField.dataType, int: element)
            tensor.add(TensorField.name, text: name)
            if let raw { tensor.add(TensorField.rawData, bytes: raw) }
            extra(&tensor)
        }
    }

    static func attribute(
        _ name: String, kind: Int64, _ extra: (inout WireMessage) -> Void = { _ in }
    ) -> WireMessage {
        .of { attribute in
            attribute.add(AttributeField.name, text: name)
            extra(&attribute)
            attribute.add(AttributeField.type, int: kind)
        }
    }

    /// The model with one initialiser added.
    static func initializer(_ tensor: WireMessage) -> [UInt8] {
        model(graph { $0.add(GraphField.initializer, message: tensor) })
    }
}

extension WireMessage {
    static func of(_ build: (inout WireMessage) -> Void) -> WireMessage {
        var message = WireMessage()
        build(&message)
        return message
    }
}

/// A field by its bare number, for fields that are never written otherwise.
struct AnyField: FieldNumber {
    let rawValue: UInt64
    init(rawValue: UInt64) { self.rawValue = rawValue }
    init(_ number: UInt64) { rawValue = number }
}
