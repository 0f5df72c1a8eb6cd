import FuzzTargets

extension BadFile {
    /// Graphs without meaning.
    static let graphs: [BadFile] = brokenGraphs.map { BadFile("graphs", $0.0, $0.1) }

    private static let brokenGraphs: [(String, [UInt8])] = [
        ("no graph", ModelMessage.model(TinyNetwork.graph).without(7)),
        ("no nodes", TinyNetwork.changing { $0.fields.removeAll { $0.number == 1 } }),
        ("no outputs", TinyNetwork.changing { $0.fields.removeAll { $0.number == 12 } }),
        ("no inputs", TinyNetwork.changing { $0.fields.removeAll { $0.number == 11 } }),
        ("no initialisers", TinyNetwork.changing { $0.fields.removeAll { $0.number == 5 } }),
        ("empty graph", ModelMessage.model(WireTree(.graph)).serialized),
        (
            "node that reads itself",
            TinyNetwork.changing(node: "features") { $0.replace(1, with: [.text(1, "features")]) }
        ),
        (
            "cycle",
            TinyNetwork.changing(node: "layer1.0.a") {
                $0.replace(1, with: [.text(1, "features"), .text(1, "layer1.0.w1")])
            }
        ),
        ("dangling input", TinyNetwork.changing(node: "flat") { $0.replace(1, with: [.text(1, "nobody")]) }),
        (
            "dangling output",
            TinyNetwork.changing { $0.replace(12, with: [ModelMessage.value(12, "nobody", [1, 5])]) }
        ),
        (
            "value defined twice",
            TinyNetwork.changing(node: "flat") { $0.replace(2, with: [.text(2, "pooled")]) }
        ),
        (
            "node defines an input",
            TinyNetwork.changing(node: "flat") { $0.replace(2, with: [.text(2, "x")]) }
        ),
        (
            "node defines an initialiser",
            TinyNetwork.changing(node: "flat") { $0.replace(2, with: [.text(2, "fc.w")]) }
        ),
        (
            "two inputs of one name",
            TinyNetwork.changing { $0.fields.append(ModelMessage.value(11, "x", [1, 3, 6, 6])) }
        ),
        (
            "two initialisers of one name",
            TinyNetwork.changing { $0.fields.append(ModelMessage.initializer("fc.b", [1], floats: [1])) }
        ),
        ("node twice", TinyNetwork.changing { $0.fields.append($0.fields[0]) }),
        ("no operator type", TinyNetwork.changing(node: "flat") { $0.fields.removeAll { $0.number == 4 } }),
        ("empty operator type", TinyNetwork.changing(node: "flat") { $0.replace(4, with: [.text(4, "")]) }),
        (
            "required input left out",
            TinyNetwork.changing(node: "flat") { $0.replace(1, with: [.text(1, "")]) }
        ),
        ("no inputs of a node", TinyNetwork.changing(node: "flat") { $0.replace(1, with: []) }),
        ("no outputs of a node", TinyNetwork.changing(node: "flat") { $0.replace(2, with: []) }),
        (
            "too many inputs",
            TinyNetwork.changing(node: "flat") { $0.fields += [.text(1, "x"), .text(1, "x")] }
        ),
        ("too many outputs", TinyNetwork.changing(node: "flat") { $0.fields.append(.text(2, "more")) }),
        (
            "a million inputs of a node",
            TinyNetwork.changing(node: "flat") {
                $0.fields += [WireTree.Field](repeating: .text(1, "x"), count: 1_000_000)
            }
        ),
        (
            "300 attributes",
            TinyNetwork.changing(node: "flat") {
                $0.fields += (0..<300).map {
                    WireTree.Field.message(5, ModelMessage.attribute("a\($0)", int: 1))
                }
            }
        ),
        (
            "attribute twice",
            TinyNetwork.changing(node: "flat") {
                $0.fields.append(.message(5, ModelMessage.attribute("axis", int: 1)))
            }
        ),
        (
            "attribute without a name",
            TinyNetwork.changing(node: "flat") {
                $0.fields.append(.message(5, ModelMessage.attribute("", int: 1)))
            }
        ),
        (
            "unknown attribute",
            TinyNetwork.changing(node: "flat") {
                $0.fields.append(.message(5, ModelMessage.attribute("colour", int: 1)))
            }
        ),
        (
            "reference to a function's attribute",
            TinyNetwork.changing(node: "flat") { $0.change(5) { $0.fields.append(.text(21, "axis")) } }
        ),
        (
            "attribute of unknown kind",
            TinyNetwork.changing(node: "flat") { $0.change(5) { $0.replace(20, with: [.number(20, 99)]) } }
        ),
        (
            "graph as a number",
            ModelMessage.model(TinyNetwork.graph).without(7) + WireTree(.model, [.number(7, 1)]).serialized
        ),
        (
            "two graphs",
            ModelMessage.model(TinyNetwork.graph, extra: [.message(7, TinyNetwork.graph)]).serialized
        ),
        (
            "sparse initialiser",
            TinyNetwork.changing {
                $0.fields.append(
                    .message(
                        15,
                        WireTree(.tensor, [.message(1, ModelMessage.tensor("s", [1], raw: [0, 0, 0, 0]))])))
            }
        ),
        (
            "sparse attribute",
            TinyNetwork.changing(node: "flat") {
                $0.fields.append(
                    .message(5, WireTree(.attribute, [.text(1, "s"), .bytes(22, []), .number(20, 11)])))
            }
        ),
    ]

    /// Names that no file should have. Those with control characters are allowed by ONNX, and answered.
    static let names: [BadFile] = {
        let bad: [(String, [UInt8])] = [
            ("NUL", Array("a\0b".utf8)), ("invalid UTF-8", [0xC3, 0x28]), ("lone continuation", [0x80]),
            ("overlong", [0xC0, 0xAF]), ("surrogate", [0xED, 0xA0, 0x80]),
            ("beyond Unicode", [0xF5, 0x80, 0x80, 0x80]),
            ("cut off", [0xE2, 0x82]),
        ]
        let odd: [(String, [UInt8])] = [
            ("line break", Array("a\nb".utf8)), ("escape sequence", Array("\u{1B}[2J\u{1B}[31mok".utf8)),
            ("line separator", Array("a\u{2028}b".utf8)), ("right to left", Array("a\u{202E}b".utf8)),
            ("a megabyte", [UInt8](repeating: 0x61, count: 1 << 20)),
            ("combining marks", Array(("a" + String(repeating: "\u{301}", count: 10_000)).utf8)),
            ("spaces", Array("   ".utf8)), ("traversal", Array("../../../etc/passwd".utf8)),
        ]
        func files(_ contents: (String, [UInt8]), _ expectation: Expectation) -> [BadFile] {
            let (name, bytes) = contents
            return [
                BadFile(
                    "names", "\(name) in a node's name", expectation,
                    TinyNetwork.changing(node: "features") { $0.replace(3, with: [.bytes(3, bytes)]) }),
                BadFile(
                    "names", "\(name) in a value", expectation,
                    TinyNetwork.changing { graph in
                        graph.change(1, where: { $0.fields.contains(.text(2, "flat")) }) {
                            $0.replace(2, with: [.bytes(2, bytes)])
                        }
                        graph.change(1, where: { $0.fields.contains(.text(1, "flat")) }) {
                            $0.replace(1, with: [.bytes(1, bytes), .text(1, "fc.w"), .text(1, "fc.b")])
                        }
                    }),
                BadFile(
                    "names", "\(name) in an operator", expectation == .refused ? .refused : .handled,
                    TinyNetwork.changing(node: "features") { $0.replace(4, with: [.bytes(4, bytes)]) }),
                BadFile(
                    "names", "\(name) that dangles", .refused,
                    TinyNetwork.changing(node: "flat") { $0.replace(1, with: [.bytes(1, bytes)]) }),
            ]
        }
        return bad.flatMap { files($0, .refused) } + odd.flatMap { files($0, .answered) }
    }()

    /// Versions that do not exist.
    static let versions: [BadFile] = {
        let irs: [Int64?] = [nil, 0, -1, 1, 2, 99, .max, .min]
        let opsets: [[(String, Int64)]] = [
            [], [("", 0)], [("", -1)], [("", 99)], [("", .max)], [("", .min)],
            [("org.example", 1)],
            [("", 17), ("", 18)], [("", 17), ("ai.onnx", 9)], (0..<300).map { ("d\($0)", Int64(1)) },
        ]
        let ofIR = irs.map { ir in
            BadFile(
                "versions", "IR \(ir.map { "\($0)" } ?? "none")",
                ModelMessage.model(TinyNetwork.graph, ir: ir).serialized)
        }
        let ofOpsets = opsets.enumerated().map { index, opsets in
            BadFile(
                "versions", "opsets \(index)",
                ModelMessage.model(TinyNetwork.graph, opsets: opsets).serialized)
        }
        return ofIR + ofOpsets + [
            BadFile(
                "versions", "unknown operator", command: .run,
                TinyNetwork.changing(node: "features") { $0.replace(4, with: [.text(4, "Relux")]) }),
            BadFile(
                "versions", "unknown domain", command: .run,
                TinyNetwork.changing(node: "features") { $0.fields.append(.text(7, "org.example")) }),
        ]
    }()

    /// Types of values that contradict the graph, or that nothing here knows.
    static let types: [BadFile] = {
        let inputs: [(String, WireTree.Field)] = [
            ("largest extents", ModelMessage.value(11, "x", [.max, .max, .max, .max])),
            ("other channels", ModelMessage.value(11, "x", [1, 5, 6, 6])),
            ("other rank", ModelMessage.value(11, "x", [1, 3, 6])),
            ("no rank", ModelMessage.value(11, "x", [])),
            ("integers", ModelMessage.value(11, "x", [1, 3, 6, 6], element: 7)),
            ("strings", ModelMessage.value(11, "x", [1, 3, 6, 6], element: 8)),
            ("unknown element", ModelMessage.value(11, "x", [1, 3, 6, 6], element: 99)),
            ("negative element", ModelMessage.value(11, "x", [1, 3, 6, 6], element: -1)),
            ("no type", .message(11, WireTree(.valueInfo, [.text(1, "x")]))),
            (
                "sequence",
                .message(
                    11, WireTree(.valueInfo, [.text(1, "x"), .message(2, WireTree(.type, [.bytes(4, [])]))]))
            ),
            (
                "map",
                .message(
                    11, WireTree(.valueInfo, [.text(1, "x"), .message(2, WireTree(.type, [.bytes(5, [])]))]))
            ),
            (
                "optional",
                .message(
                    11, WireTree(.valueInfo, [.text(1, "x"), .message(2, WireTree(.type, [.bytes(9, [])]))]))
            ),
            ("a thousand dimensions", ModelMessage.value(11, "x", [Int64](repeating: 1, count: 1000))),
        ]
        let outputs: [(String, WireTree.Field)] = [
            ("output of another shape", ModelMessage.value(12, "y", [1, 7])),
            ("output of another type", ModelMessage.value(12, "y", [1, 5], element: 7)),
            ("output of another rank", ModelMessage.value(12, "y", [5])),
        ]
        // As exporters say that an extent is open.
        let open: [(String, WireTree.Field)] = [
            ("negative extent", ModelMessage.value(11, "x", [1, -3, 6, 6])),
            ("smallest extent", ModelMessage.value(11, "x", [1, 3, .min, 6])),
            ("negative batch", ModelMessage.value(11, "x", [-1, 3, 6, 6])),
        ]
        func file(_ expectation: BadFile.Expectation) -> (String, WireTree.Field) -> BadFile {
            { name, value in
                BadFile(
                    "types", name, command: .run, expectation,
                    TinyNetwork.changing { $0.replace(value.number, with: [value]) })
            }
        }
        return (inputs + outputs).map(file(.refused)) + open.map(file(.handled))
    }()
}

extension WireTree {
    /// The message's bytes without a field.
    func without(_ field: UInt64) -> [UInt8] {
        WireTree(kind, fields.filter { $0.number != field }).serialized
    }
}
