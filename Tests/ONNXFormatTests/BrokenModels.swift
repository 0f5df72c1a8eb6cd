import Testing

@testable import ONNXFormat

/// A model that is wrong in one way, and the line that it must be refused with.
struct BrokenModel: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    /// A part of the line.
    let line: String
    let kind: ONNXFormatError.Kind

    init(_ name: String, _ kind: ONNXFormatError.Kind, _ line: String, _ bytes: [UInt8]) {
        testDescription = name
        self.bytes = bytes
        self.line = line
        self.kind = kind
    }
}

extension BrokenModel {
    static let all = wire + header + tensors + names + attributes + types

    private static let wire: [BrokenModel] = [
        BrokenModel("empty", .malformed, "the file is empty", []),
        BrokenModel("text", .malformed, "byte ", Array("<!DOCTYPE html><html></html>".utf8)),
        BrokenModel("zeros", .malformed, "field number 0", [UInt8](repeating: 0, count: 64)),
        BrokenModel("group", .malformed, "wire type 3", [0x0B]),
        BrokenModel(
            "long number", .malformed, "more than ten bytes", [0x08] + [UInt8](repeating: 0xFF, count: 11)),
        BrokenModel("length beyond the end", .malformed, "bytes too late", [0x3A, 0x7F, 0]),
        BrokenModel(
            "length of 2^63", .malformed, "bytes too late", [0x3A] + [UInt8](repeating: 0xFF, count: 9) + [1]),
        BrokenModel("graph as a number", .malformed, "ModelProto.graph is not a message", [0x38, 1]),
        BrokenModel("name as a number", .malformed, "ModelProto.producer_name is not a text", [0x10, 1]),
        BrokenModel(
            "two graphs", .malformed, "ModelProto.graph occurs twice",
            RawModel.model(RawModel.graph()) { $0.add(ModelField.graph, message: RawModel.graph()) }),
        BrokenModel(
            "name with NUL", .malformed, "GraphProto.name holds a NUL character",
            RawModel.model(RawModel.graph { $0.add(GraphField.name, text: "a\0b") })),
        BrokenModel(
            "name not UTF-8", .malformed, "GraphProto.name is not UTF-8",
            RawModel.model(RawModel.graph { $0.add(GraphField.name, bytes: [0xC3, 0x28]) })),
        BrokenModel("deep nesting", .limit, "messages nest deeper than 100", RawModel.model(deepType(60))),
        BrokenModel("deep subgraphs", .limit, "messages nest deeper than 100", RawModel.model(deepGraph(40))),
    ]

    private static let header: [BrokenModel] = [
        BrokenModel(
            "no IR version", .malformed, "says no IR version", RawModel.model(RawModel.graph(), ir: nil)),
        BrokenModel(
            "IR 2", .unsupported, "IR version 2 is not handled", RawModel.model(RawModel.graph(), ir: 2)),
        BrokenModel(
            "IR 99", .unsupported, "IR version 99 is newer", RawModel.model(RawModel.graph(), ir: 99)),
        BrokenModel("IR -1", .unsupported, "IR version -1", RawModel.model(RawModel.graph(), ir: -1)),
        BrokenModel(
            "no graph", .malformed, "holds no graph",
            WireMessage.of { $0.add(ModelField.irVersion, int: 8) }.serialized),
        BrokenModel(
            "opset 99", .unsupported, "opset 99 is newer",
            RawModel.model(RawModel.graph(), opsets: [("", 99)])),
        BrokenModel(
            "opset -1", .malformed, "at version -1", RawModel.model(RawModel.graph(), opsets: [("", -1)])),
        BrokenModel(
            "two opsets", .malformed, "is imported at version 18 and at 17",
            RawModel.model(RawModel.graph(), opsets: [("", 17), ("ai.onnx", 18)])),
        BrokenModel(
            "no opset", .unsupported, "node of output \"y\" (Relu): is a standard operator",
            RawModel.model(RawModel.graph(), opsets: [("org.example", 1)])),
        BrokenModel(
            "standard function", .unsupported, "function \"Relu\": redefines an operator",
            RawModel.model(RawModel.graph()) {
                $0.add(ModelField.functions, message: .of { $0.add(AnyField(1), text: "Relu") })
            }),
        BrokenModel(
            "function twice", .invalidGraph, "function \"F\": is there twice",
            RawModel.model(RawModel.graph()) { model in
                for _ in 0..<2 {
                    model.add(ModelField.functions, message: RawModel.function("F", calling: "Relu"))
                }
            }),
        BrokenModel(
            "function that calls itself", .invalidGraph, "function \"F\" calls itself",
            RawModel.calling("F") {
                $0.add(ModelField.functions, message: RawModel.function("F", calling: "F"))
            }),
        BrokenModel(
            "functions in a circle", .invalidGraph, "function \"F\" calls itself",
            RawModel.calling("F") {
                $0.add(ModelField.functions, message: RawModel.function("F", calling: "G"))
                $0.add(ModelField.functions, message: RawModel.function("G", calling: "F"))
            }),
        BrokenModel(
            "function bomb", .limit, "would become more than 30000 nodes",
            RawModel.calling("F0") { model in
                for depth in 0..<24 {
                    model.add(
                        ModelField.functions,
                        message: RawModel.function("F\(depth)", calling: "F\(depth + 1)", times: 3))
                }
                model.add(ModelField.functions, message: RawModel.function("F24", calling: "G"))
            }),
        BrokenModel(
            "functions that nest too deep", .limit, "more than 32 deep",
            RawModel.calling("F0") { model in
                for depth in 0..<40 {
                    model.add(
                        ModelField.functions,
                        message: RawModel.function("F\(depth)", calling: "F\(depth + 1)"))
                }
            }),
        BrokenModel(
            "function of another opset", .unsupported, "is written for opset 11, the model for 17",
            RawModel.calling("F") {
                $0.add(ModelField.functions, message: RawModel.function("F", calling: "G", opset: 11))
            }),
        BrokenModel(
            "many opsets", .limit, "imports 300 operator sets",
            RawModel.model(RawModel.graph(), opsets: (0..<300).map { ("d\($0)", 1) })),
    ]

    private static let tensors: [BrokenModel] =
        [
            (
                "negative extent", "initializer \"w\": float tensor of impossible shape [-1]",
                RawModel.tensor([-1], raw: [])
            ),
            ("overflowing extents", "impossible shape", RawModel.tensor([1 << 40, 1 << 40], raw: [])),
            ("overflow hidden by zero", "impossible shape", RawModel.tensor([1 << 40, 1 << 40, 0], raw: [])),
            ("10^12 elements", "needs 4000000000000 bytes, has 0", RawModel.tensor([1_000_000_000_000])),
            (
                "unknown location", "in an unknown location",
                RawModel.tensor([1], raw: [0, 0, 0, 0]) { $0.add(TensorField.dataLocation, int: 9) }
            ),
            (
                "data too short", "needs 8 bytes, has 7",
                RawModel.tensor([2], raw: [UInt8](repeating: 0, count: 7))
            ),
            (
                "data too long", "needs 8 bytes, has 9",
                RawModel.tensor([2], raw: [UInt8](repeating: 0, count: 9))
            ),
            ("no data", "needs 8 bytes, has 0", RawModel.tensor([2])),
            (
                "data twice", "holds its data twice",
                RawModel.tensor([1], raw: [0, 0, 0, 0]) { $0.add(AnyField(4), bytes: [0, 0, 0, 0]) }
            ),
            (
                "raw data twice", "holds its data twice",
                RawModel.tensor([1], raw: [0, 0, 0, 0]) { $0.add(TensorField.rawData, bytes: [0, 0, 0, 0]) }
            ),
            (
                "packed and loose", "holds its data twice",
                RawModel.tensor([2]) {
                    $0.add(AnyField(4), bytes: [0, 0, 0, 0]); $0.add(AnyField(4), float: 1)
                }
            ),
            (
                "field of another type", "in a field of another type",
                RawModel.tensor([1]) { $0.add(AnyField(7), bytes: [1]) }
            ),
            (
                "loose field of another type", "in a field of another type",
                RawModel.tensor([1]) { $0.add(AnyField(7), int: 1) }
            ),
            (
                "too few numbers", "holds 1 of the 2 int64 entries",
                RawModel.tensor([2], element: 7) { $0.add(AnyField(7), bytes: [1]) }
            ),
            ("too few loose numbers", "needs 16 bytes", RawModel.tensor([2], element: 7)),
            (
                "too many numbers", "holds 3 of the 2 int64 entries",
                RawModel.tensor([2], element: 7) { $0.add(AnyField(7), bytes: [1, 2, 3]) }
            ),
            (
                "number out of range", "holds 256, which does not fit int8",
                RawModel.tensor([1], element: 3) { $0.add(AnyField(5), bytes: [0x80, 2]) }
            ),
            (
                "number cut off", "a number is cut off",
                RawModel.tensor([1], element: 7) { $0.add(AnyField(7), bytes: [1, 0x80]) }
            ),
            (
                "number too long", "more than ten bytes",
                RawModel.tensor([1], element: 7) {
                    $0.add(AnyField(7), bytes: [UInt8](repeating: 0x80, count: 10) + [1])
                }
            ),
            (
                "odd packed floats", "needs 8 bytes, has 7",
                RawModel.tensor([2]) { $0.add(AnyField(4), bytes: [0, 0, 0, 0, 0, 0, 0]) }
            ),
            ("raw strings", "strings are not stored as strings", RawModel.tensor([1], element: 8, raw: [65])),
            (
                "too few strings", "impossible shape",
                RawModel.tensor([2], element: 8) { $0.add(TensorField.stringData, text: "a") }
            ),
        ].map { BrokenModel($0.0, .malformed, $0.1, RawModel.initializer($0.2)) } + [
            BrokenModel(
                "unknown element type", .unsupported, "elements of unknown type 77",
                RawModel.initializer(RawModel.tensor([1], element: 77, raw: [0]))),
            BrokenModel(
                "negative element type", .unsupported, "elements of unknown type -1",
                RawModel.initializer(RawModel.tensor([1], element: -1, raw: [0]))),
            BrokenModel(
                "segment", .unsupported, "is stored in segments",
                RawModel.initializer(
                    RawModel.tensor([1], raw: [0, 0, 0, 0]) { $0.add(AnyField(3), message: WireMessage()) })),
            BrokenModel(
                "rank 65", .limit, "has 65 dimensions",
                RawModel.initializer(RawModel.tensor([Int64](repeating: 1, count: 65), raw: [0, 0, 0, 0]))),
            BrokenModel(
                "external in memory", .externalData, "has external data",
                RawModel.initializer(RawModel.tensor([1]) { $0.add(TensorField.dataLocation, int: 1) })),
            BrokenModel(
                "sparse", .unsupported, "initializer \"s\": is sparse",
                RawModel.model(
                    RawModel.graph {
                        $0.add(
                            AnyField(15),
                            message: .of { $0.add(AnyField(1), message: RawModel.tensor([1], name: "s")) })
                    })),
        ]

    private static let names: [BrokenModel] = [
        (
            "dangling input", "reads \"nothing\", which nothing defines",
            RawModel.graph(nodes: [RawModel.node("Relu", ["nothing"], ["y"])])
        ),
        ("dangling output", "reads \"y\", which nothing defines", RawModel.graph(nodes: [])),
        (
            "two producers", "value \"y\": the name is defined twice",
            RawModel.graph(nodes: [RawModel.node("Relu", ["x"], ["y"]), RawModel.node("Relu", ["x"], ["y"])])
        ),
        (
            "output twice", "value \"y\": the name is defined twice",
            RawModel.graph(nodes: [RawModel.node("Split", ["x"], ["y", "y"])])
        ),
        (
            "output named as an input", "value \"x\": the name is defined twice",
            RawModel.graph(nodes: [RawModel.node("Relu", ["y"], ["x"]), RawModel.node("Constant", [], ["y"])])
        ),
        (
            "two inputs", "value \"x\": the name is defined twice",
            RawModel.graph { $0.add(GraphField.input, message: RawModel.value("x", [2])) }
        ),
        (
            "two initializers", "value \"w\": the name is defined twice",
            RawModel.graph {
                for _ in 0..<2 {
                    $0.add(GraphField.initializer, message: RawModel.tensor([1], raw: [0, 0, 0, 0]))
                }
            }
        ),
        (
            "initializer without a name", "a value has no name",
            RawModel.graph {
                $0.add(GraphField.initializer, message: RawModel.tensor([1], name: "", raw: [0, 0, 0, 0]))
            }
        ),
        ("own output", "depends on itself", RawModel.graph(nodes: [RawModel.node("Relu", ["y"], ["y"])])),
        (
            "cycle", "depends on itself",
            RawModel.graph(nodes: [RawModel.node("Relu", ["t"], ["y"]), RawModel.node("Relu", ["y"], ["t"])])
        ),
        ("no operator", "has no operator type", RawModel.graph(nodes: [RawModel.node("", ["x"], ["y"])])),
        (
            "control characters", "reads \"a\\u{a}b\"",
            RawModel.graph(nodes: [RawModel.node("Relu", ["a\nb"], ["y"])])
        ),
        (
            "input without a type", "input \"z\": has no type",
            RawModel.graph {
                $0.add(GraphField.input, message: .of { $0.add(ValueInfoField.name, text: "z") })
            }
        ),
    ].map { BrokenModel($0.0, .invalidGraph, $0.1, RawModel.model($0.2)) }

    private static let attributes: [BrokenModel] = [
        (
            "attribute twice", .invalidGraph, "has attribute \"a\" twice",
            [RawModel.attribute("a", kind: 2), RawModel.attribute("a", kind: 2)]
        ),
        (
            "attribute without a name", .invalidGraph, "an attribute without a name",
            [RawModel.attribute("", kind: 2)]
        ),
        ("attribute of kind 99", .unsupported, "is of unknown kind 99", [RawModel.attribute("a", kind: 99)]),
        (
            "tensor attribute without a tensor", .malformed, "attribute \"a\": has no contents",
            [RawModel.attribute("a", kind: 4)]
        ),
        (
            "graph attribute without a graph", .malformed, "attribute \"a\": has no contents",
            [RawModel.attribute("a", kind: 5)]
        ),
        ("sparse attribute", .unsupported, "is a sparse tensor", [RawModel.attribute("a", kind: 11)]),
        (
            "reference outside of a function", .invalidGraph, "outside of a function",
            [RawModel.attribute("a", kind: 2) { $0.add(AttributeField.reference, text: "b") }]
        ),
        (
            "bad tensor in an attribute", .malformed,
            "node of output \"y\" (Other), attribute \"a\": float tensor",
            [
                RawModel.attribute("a", kind: 4) {
                    $0.add(AttributeField.tensor, message: RawModel.tensor([2]))
                }
            ]
        ),
        (
            "many attributes", .limit, "has 300 attributes",
            (0..<300).map { RawModel.attribute("a\($0)", kind: 2) }
        ),
    ].map { name, kind, line, attributes in
        BrokenModel(
            name, kind, line,
            RawModel.model(
                RawModel.graph(nodes: [RawModel.node("Other", ["x"], ["y"], attributes: attributes)])))
    }

    private static let types: [BrokenModel] =
        [
            (
                "unknown element type of an input", .unsupported,
                "input \"z\": has elements of unknown type 99", RawModel.value("z", [2], element: 99)
            ),
            (
                "no element type", .invalidGraph, "input \"z\": has no type",
                RawModel.value("z", [2], element: 0)
            ),
        ].map { name, kind, line, value in
            BrokenModel(
                name, kind, line, RawModel.model(RawModel.graph { $0.add(GraphField.input, message: value) }))
        } + [
            BrokenModel(
                "output contradicts its operator", .invalidGraph,
                "output \"y\" is declared float[3] but computes float[2]",
                RawModel.model(
                    .of { graph in
                        graph.add(GraphField.node, message: RawModel.node("Relu", ["x"], ["y"]))
                        graph.add(GraphField.input, message: RawModel.value("x", [2]))
                        graph.add(GraphField.output, message: RawModel.value("y", [3]))
                    }))
        ]

    /// A value whose type is a sequence of sequences of ...
    private static func deepType(_ depth: Int) -> WireMessage {
        var type = WireMessage()
        for _ in 0..<depth {
            let inner = type
            type = .of { $0.add(AnyField(4), message: .of { $0.add(AnyField(1), message: inner) }) }
        }
        return RawModel.graph {
            $0.add(GraphField.valueInfo, message: .of { $0.add(ValueInfoField.type, message: type) })
        }
    }

    /// A node within a node within ...
    private static func deepGraph(_ depth: Int) -> WireMessage {
        var graph = RawModel.graph()
        for _ in 0..<depth {
            let inner = graph
            let attribute = RawModel.attribute("g", kind: 5) { $0.add(AttributeField.graph, message: inner) }
            graph = RawModel.graph(nodes: [RawModel.node("Other", ["x"], ["y"], attributes: [attribute])])
        }
        return graph
    }
}
