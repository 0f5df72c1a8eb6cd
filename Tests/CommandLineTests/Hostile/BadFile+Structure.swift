import Foundation
import FuzzTargets

extension BadFile {
    /// Messages within messages, and more of anything than the limits allow.
    static let nesting: [BadFile] = {
        func nested(_ depth: Int, field: UInt64, _ kind: MessageKind) -> WireTree {
            (0..<depth).reduce(WireTree(kind)) { inner, _ in WireTree(kind, [.message(field, inner)]) }
        }
        func subgraphs(_ depth: Int) -> WireTree {
            (0..<depth).reduce(TinyNetwork.graph) { graph, _ in
                WireTree(
                    .graph,
                    [
                        ModelMessage.node(
                            "If", ["c"], ["y"], [ModelMessage.attribute("then_branch", graph: graph)]),
                        ModelMessage.value(12, "y", [1, 5]),
                    ])
            }
        }
        func nodes(_ count: Int) -> [UInt8] {
            let chain = (0..<count).map {
                ModelMessage.node("Relu", [$0 == 0 ? "x" : "\($0)"], [$0 == count - 1 ? "y" : "\($0 + 1)"])
            }
            return ModelMessage.model(
                WireTree(
                    .graph, chain + [ModelMessage.value(11, "x", [2]), ModelMessage.value(12, "y", [2])])
            ).serialized
        }
        // Sequences of sequences, as bytes: TypeProto.sequence_type (4) holds TypeProto elem_type (1).
        func sequences(_ depth: Int) -> [UInt8] {
            (0..<depth).reduce([]) { inner, level in
                WireTree(.type, [.bytes(level % 2 == 0 ? 1 : 4, inner)]).serialized
            }
        }
        func unknownFields(_ count: Int) -> [UInt8] {
            [[UInt8]](repeating: [0xF8, 0x07, 0x01], count: count).flatMap { $0 }
        }
        func valueInfos(_ count: Int) -> [UInt8] {
            let interface = [
                ModelMessage.node("Relu", ["x"], ["y"]), ModelMessage.value(11, "x", [2]),
                ModelMessage.value(12, "y", [2]),
            ]
            return ModelMessage.model(
                WireTree(.graph, interface + (0..<count).map { ModelMessage.value(13, "v\($0)", [1]) })
            ).serialized
        }
        return [
            BadFile("nesting", "40 subgraphs", ModelMessage.model(subgraphs(40)).serialized),
            BadFile("nesting", "1,000 subgraphs", ModelMessage.model(subgraphs(1000)).serialized),
            BadFile(
                "nesting", "200 sequences",
                TinyNetwork.changing {
                    $0.fields.append(
                        .message(13, WireTree(.valueInfo, [.text(1, "z"), .bytes(2, sequences(200))])))
                }),
            BadFile("nesting", "100,000 lengths", [UInt8](repeating: 0x3A, count: 100_000)),
            BadFile("limits", "more nodes than the limit", command: .inspect, nodes(100_001)),
            BadFile(
                "limits", "100,000 metadata entries", .answered,
                ModelMessage.model(
                    TinyNetwork.graph,
                    extra: (0..<100_000).map {
                        WireTree.Field.message(14, WireTree(.entry, [.text(1, "k\($0)"), .text(2, "v")]))
                    }
                ).serialized),
            BadFile(
                "limits", "100,000 operator sets",
                ModelMessage.model(TinyNetwork.graph, opsets: (0..<100_000).map { ("d\($0)", Int64(1)) })
                    .serialized),
            BadFile(
                "limits", "a million unknown fields", .answered, TinyNetwork.bytes + unknownFields(1_000_000)),
            BadFile("limits", "100,000 leftover descriptions", command: .run, .answered, valueInfos(100_000)),
        ]
    }()

    /// Functions that call themselves, or each other in ever greater numbers, or stand for operators.
    static let functions: [BadFile] = {
        /// FunctionProto: name 1, input 4, output 5, node 7, opset_import 9, domain 10.
        func function(_ name: String, _ nodes: [WireTree.Field], domain: String = "local") -> WireTree.Field {
            let renumbered = nodes.map { WireTree.Field(7, $0.value) }
            return .message(
                25,
                WireTree(
                    .function,
                    [.text(1, name), .text(4, "a"), .text(5, "b")] + renumbered + [
                        .message(9, WireTree(.opset, [.text(1, ""), .number(2, 17)])), .text(10, domain),
                    ]))
        }
        func model(_ functions: [WireTree.Field], call: String = "f0") -> [UInt8] {
            var graph = TinyNetwork.graph
            graph.change(1, where: { $0.fields.contains(.text(2, "features")) }) {
                $0.replace(4, with: [.text(4, call), .text(7, "local")])
            }
            return ModelMessage.model(graph, opsets: [("", 17), ("local", 1)], extra: functions).serialized
        }
        func call(_ name: String, _ input: String, _ output: String) -> WireTree.Field {
            ModelMessage.node(name, [input], [output], domain: "local")
        }
        let bomb = (0..<40).map { level in
            function(
                "f\(level)",
                level == 39
                    ? [ModelMessage.node("Relu", ["a"], ["b"])]
                    : [call("f\(level + 1)", "a", "m"), call("f\(level + 1)", "m", "b")])
        }
        let ring = (0..<3).map { function("f\($0)", [call("f\(($0 + 1) % 3)", "a", "b")]) }
        let files: [(String, [UInt8])] = [
            ("calls itself", model([function("f0", [call("f0", "a", "b")])])), ("ring of three", model(ring)),
            ("2^40 nodes", model(bomb)), ("calls nothing", model([], call: "f0")),
            ("output that nothing makes", model([function("f0", [])])),
            ("twice", model([function("f0", []), function("f0", [])])),
            ("stands for Relu", model([function("Relu", [call("f0", "a", "b")], domain: "")])),
            ("stands for Conv of ai.onnx", model([function("Conv", [], domain: "ai.onnx")])),
            (
                "cycle inside",
                model([
                    function(
                        "f0",
                        [ModelMessage.node("Relu", ["b"], ["c"]), ModelMessage.node("Relu", ["c"], ["b"])])
                ])
            ),
            ("dangling input inside", model([function("f0", [ModelMessage.node("Relu", ["z"], ["b"])])])),
            ("no name", model([function("", [])])),
        ]
        return files.map { BadFile("functions", $0.0, command: .run, $0.1) }
    }()

    /// External data that reach out of the model's folder, or are not there. The folder's parent holds the
    /// secret `outside.bin`, which is as long as the weights.
    static let externalData: [BadFile] = {
        @Sendable func model(_ entries: [(String, String)]) -> [UInt8] {
            TinyNetwork.changing(initializer: "layer1.0.w1") { tensor in
                tensor.fields.removeAll { $0.number == 9 }
                tensor.fields += entries.map { .message(13, WireTree(.entry, [.text(1, $0), .text(2, $1)])) }
                tensor.fields.append(.number(14, 1))
            }
        }
        func file(
            _ name: String, _ entries: [(String, String)], _ expectation: Expectation = .refused,
            prepare: @escaping @Sendable (URL) throws -> Void = { _ in }
        ) -> BadFile {
            BadFile("external data", name, expectation) { folder in
                let secret = Data(repeating: 0x3F, count: 576)
                try secret.write(to: folder.deletingLastPathComponent().appending(path: "outside.bin"))
                try secret.write(to: folder.appending(path: "inside.bin"))
                try prepare(folder)
                try Data(model(entries)).write(to: folder.appending(path: "model.onnx"))
            }
        }
        return [
            file("inside", [("location", "inside.bin")], .answered),
            file("traversal", [("location", "../outside.bin")]),
            file("traversal by way of the folder", [("location", "./../outside.bin")]),
            file("traversal after a folder", [("location", "sub/../../outside.bin")]) {
                try FileManager.default.createDirectory(
                    at: $0.appending(path: "sub"), withIntermediateDirectories: false)
            },
            file("traversal with a combining mark", [("location", "..\u{2F}\u{301}/outside.bin")]),
            file("absolute", [("location", "/etc/passwd")]),
            file("double slash", [("location", "//etc/passwd")]),
            file("URL", [("location", "file:///etc/passwd")]),
            file("link out", [("location", "link.bin")]) { try link($0, "link.bin", to: "../outside.bin") },
            file("absolute link out", [("location", "link.bin")]) {
                try link($0, "link.bin", to: "/etc/passwd")
            },
            file("link to a folder outside", [("location", "sub/outside.bin")]) {
                try link($0, "sub", to: "..")
            },
            file("hard link", [("location", "hard.bin")]) {
                try FileManager.default.linkItem(
                    at: $0.deletingLastPathComponent().appending(path: "outside.bin"),
                    to: $0.appending(path: "hard.bin"))
            },
            file("missing", [("location", "nothing.bin")]), file("no location", [("offset", "0")]),
            file("empty location", [("location", "")]),
            file("two locations", [("location", "inside.bin"), ("location", "inside.bin")]),
            file("two offsets", [("location", "inside.bin"), ("offset", "0"), ("offset", "0")]),
            file("link to nothing", [("location", "link.bin")]) { try link($0, "link.bin", to: "gone.bin") },
            file("folder", [("location", ".")]), file("parent", [("location", "..")]),
            file("FIFO", [("location", "pipe")]) { mkfifo($0.appending(path: "pipe").path, 0o600) },
            file("device", [("location", "zero")]) { try link($0, "zero", to: "/dev/zero") },
            file("offset beyond the end", [("location", "inside.bin"), ("offset", "577")]),
            file("offset of 1", [("location", "inside.bin"), ("offset", "1")]),
            file("negative offset", [("location", "inside.bin"), ("offset", "-1")]),
            file("largest offset", [("location", "inside.bin"), ("offset", "9223372036854775807")]),
            file("offset beyond 64 bits", [("location", "inside.bin"), ("offset", "18446744073709551616")]),
            file("offset not a number", [("location", "inside.bin"), ("offset", "0x10")]),
            file("length too long", [("location", "inside.bin"), ("length", "1152")]),
            file("length too short", [("location", "inside.bin"), ("length", "4")]),
            file("negative length", [("location", "inside.bin"), ("length", "-576")]),
            file("largest length", [("location", "inside.bin"), ("length", "9223372036854775807")]),
            file("the model itself", [("location", "model.onnx")], .answered),
        ]
    }()

    /// Values that are not tensors.
    static let kinds: [BadFile] = unknownKinds.map { name, node in
        let graph = WireTree(
            .graph,
            [node, ModelMessage.value(11, "x", [1]), .message(12, WireTree(.valueInfo, [.text(1, "s")]))])
        return BadFile("kinds", name, command: .run, ModelMessage.model(graph).serialized)
    }

    private static let unknownKinds: [(String, WireTree.Field)] = [
        ("sequence operators", ModelMessage.node("SequenceConstruct", ["x"], ["s"])),
        ("optional operators", ModelMessage.node("Optional", ["x"], ["s"])),
        ("loop without a body", ModelMessage.node("Loop", ["", "", "x"], ["s"])),
        ("scan without a body", ModelMessage.node("Scan", ["x"], ["s"])),
        ("string operators", ModelMessage.node("StringNormalizer", ["x"], ["s"])),
        ("condition without branches", ModelMessage.node("If", ["x"], ["s"])),
        (
            "control flow over itself",
            ModelMessage.node(
                "If", ["x"], ["s"],
                [
                    ModelMessage.attribute("then_branch", graph: WireTree(.graph)),
                    ModelMessage.attribute("else_branch", graph: WireTree(.graph)),
                ])
        ),
    ]
}
