import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Commands that rewrite a file keep its fields beyond the graph.
@Suite struct CarriedFieldsTests {
    private static let cases = Fixtures.models.deletingLastPathComponent()

    /// The fields of a message, each with its place and contents.
    private func fields(_ tree: WireTree, _ place: String = "") -> [String] {
        tree.fields.flatMap { field -> [String] in
            let inner = "\(place).\(field.number)"
            if case .message(let message) = field.value { return fields(message, inner) }
            return ["\(inner) = \(field.value)"]
        }
    }

    @Test(
        "optimize keeps every field but training information, which it tells",
        arguments: ["format/every-field.onnx", "cases/metadata_lost.onnx", "format/notes.onnx"])
    func optimize(name: String) throws {
        let source = try Data(contentsOf: Self.cases.appending(path: name))
        let folder = try TemporaryFolder()
        try folder.write(source, "in.onnx")
        let text = try CommandLineTool.succeed(["optimize", "in.onnx", "-o", "out.onnx"], in: folder)
        let before = fields(WireTree(.model, reading: ArraySlice(source)))
        let after = Set(fields(WireTree(.model, reading: ArraySlice(try folder.contents("out.onnx")))))
        let lost = before.filter { !after.contains($0) }
        #expect(lost.allSatisfy { $0.hasPrefix(".20 = ") }, "\(lost)")
        #expect(text.unwrapped.contains("training information is left out") == !lost.isEmpty)
    }
}
