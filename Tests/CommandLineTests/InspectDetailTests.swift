import Foundation
import Testing

@Suite struct InspectDetailTests {
    private func converted() throws -> TemporaryFolder {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        try CommandLineTool.succeed(
            ["cifar-option-b.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        return folder
    }

    @Test("The largest weights and every value's shape, word for word")
    func tables() throws {
        let folder = try converted()
        let text = try CommandLineTool.succeed(
            ["inspect", "mod.onnx", "--tensors", "5", "--values"], in: folder)
        try expectSnapshot(text, "inspect-details")
    }

    @Test("JSON holds what is asked for")
    func json() throws {
        struct Report: Decodable {
            struct Tensors: Decodable {
                struct Row: Decodable { let bytes: Int }
                let rows: [Row]
                let total_bytes: Int
                let total_count: Int
            }
            struct Values: Decodable {
                struct Row: Decodable { let name: String }
                let rows: [Row]
            }
            let initializer_bytes: Int
            let tensors: Tensors?
            let values: Values?
        }
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        func report(_ options: [String]) throws -> Report {
            let text = try CommandLineTool.succeed(
                ["inspect", "cifar-option-b.onnx", "--json"] + options, in: folder)
            return try JSONDecoder().decode(Report.self, from: Data(text.utf8))
        }
        let plain = try report([])
        #expect(plain.tensors == nil && plain.values == nil)
        let all = try report(["--tensors", "all", "--values"])
        let tensors = try #require(all.tensors)
        #expect(tensors.rows.map(\.bytes).reduce(0, +) == tensors.total_bytes)
        #expect(tensors.total_bytes == all.initializer_bytes && tensors.rows.count == tensors.total_count)
        #expect(tensors.rows.map(\.bytes) == tensors.rows.map(\.bytes).sorted(by: >))
        let names = try #require(all.values).rows.map(\.name)
        #expect(Set(names).count == names.count && !names.isEmpty)
    }

    @Test("A drawing for Graphviz, word for word")
    func dot() throws {
        let folder = try converted()
        try CommandLineTool.succeed(["inspect", "mod.onnx", "-q", "--dot", "graph.dot"], in: folder)
        try expectSnapshot(
            String(decoding: folder.contents("graph.dot"), as: UTF8.self), "inspect-dot")
    }

    @Test("A drawing does not replace the model")
    func places() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        try CommandLineTool.fail(
            ["inspect", "cifar-option-b.onnx", "--dot", "cifar-option-b.onnx"], 64, in: folder)
        try CommandLineTool.fail(
            ["inspect", "cifar-option-b.onnx", "--dot", "missing/graph.dot"], 73, in: folder)
        try CommandLineTool.fail(["inspect", "cifar-option-b.onnx", "--tensors", "0"], 64, in: folder)
    }
}
